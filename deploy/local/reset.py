"""Forgets the data of the local stack: databases, queues, accounts, logs, ports and secrets.

Downloads stay. Refuses while the stack runs.
"""

import argparse
import shutil
import sys
from pathlib import Path

from deploy.local.leftovers import AlreadyRunningError, end_leftovers, sole_user
from deploy.local.program import LOCAL

KEPT = ("lock", "mongodb-server")


def reset(folder: Path) -> None:
    """Remove what runs have left in `folder`; AlreadyRunningError while one runs."""
    with sole_user(folder):
        end_leftovers(folder)
        for entry in folder.iterdir():
            if entry.name in KEPT:
                continue
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make reset", description=__doc__)
    parser.add_argument("--folder", type=Path, default=LOCAL, help="the folder of the stack")
    folder = parser.parse_args().folder.resolve()
    try:
        reset(folder)
    except AlreadyRunningError:
        print("it is running: stop it first (Ctrl-C where it runs)")
        return 1
    print(f"forgotten: everything in {folder} except downloads")
    return 0


if __name__ == "__main__":
    sys.exit(main())
