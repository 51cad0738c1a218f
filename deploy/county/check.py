"""Check a county's folder: `make check-county ARGS=FOLDER`. Starts nothing and changes nothing.

Exit code 0: it can be applied; 1: the problems that are listed have to be put right first.
"""

import argparse
import sys
from pathlib import Path

from deploy.county.folder import Checked, check_folder
from deploy.local.program import ROOT

DEMO = ROOT / "deploy/demo/county"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make check-county", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEMO)
    folder = parser.parse_args(arguments).folder
    checked = check_folder(folder)
    print("\n".join(report(folder, checked)))
    return 1 if checked.problems else 0


def report(folder: Path, checked: Checked) -> list[str]:
    """What is told: every problem, every hint, and what it comes to."""
    here = Path.cwd()
    folder = folder.relative_to(here) if folder.is_relative_to(here) else folder
    lines = [f"{folder}/{problem}" for problem in checked.problems]
    lines += [f"提示 {folder}/{hint}" for hint in checked.hints]
    county = checked.county
    if county is None:
        return [*lines, f"{folder} 有 {len(checked.problems)} 处需要修改"]
    counted = (
        f"区域 {len(county.areas)}、群团组织 {len(county.organizations)}、"
        f"账号 {len(county.accounts)}、规则版本 {county.rules.version}"
    )
    return [*lines, f"{folder} 可以启用：{counted}"]


if __name__ == "__main__":
    sys.exit(main())
