"""Load the demo county (deploy/demo/county) into a running system; again, it changes nothing."""

import argparse
import asyncio
import sys
from pathlib import Path

from deploy.county.check import DEMO
from deploy.county.folder import read_county
from deploy.county.load import apply, passwords_file


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.demo.load", description=__doc__)
    parser.add_argument("--accounts", type=Path, default=passwords_file())
    chosen = parser.parse_args(arguments)
    return asyncio.run(apply(read_county(DEMO), chosen.accounts, is_demo=True))


if __name__ == "__main__":
    sys.exit(main())
