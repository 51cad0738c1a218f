"""Runs the checks and the test tiers in order, with a private MongoDB and RabbitMQ where needed.

Stops at the first that fails. A tier without a single test counts as failed.
"""

import argparse
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from deploy.local.private import private_mongodb, private_rabbitmq
from deploy.local.program import ROOT, python

CHECKS = {
    "ruff check": python("-m", "ruff", "check"),
    "ruff format": python("-m", "ruff", "format", "--check"),
    "mypy": python("-m", "mypy"),
    "import contracts": (str(Path(sys.executable).with_name("lint-imports")),),
}
TIERS = {
    "unit": ("tests/unit", "tests/architecture", "tests/contracts"),
    "integration": ("tests/integration",),
    "browser": ("tests/browser",),
    "faults": ("tests/faults",),
}
WITH_SERVERS = ("integration", "browser")

LINT = "lint"


def lint() -> bool:
    """ruff, mypy and the import contracts."""
    return all(_passes(name, command) for name, command in CHECKS.items())


def run_tier(tier: str, more: Sequence[str]) -> bool:
    """pytest over one tier's folders."""
    folders = [folder for folder in TIERS[tier] if (ROOT / folder).is_dir()]
    command = python("-m", "pytest", *folders, *more)
    if tier not in WITH_SERVERS:
        return _passes(tier, command)
    with private_mongodb() as mongodb, private_rabbitmq() as rabbitmq:
        servers = {"MONGODB_URI": mongodb.uri, "AMQP_URI": rabbitmq.uri}
        return _passes(tier, command, servers)


def _passes(
    name: str, command: Sequence[str], environment: Mapping[str, str] | None = None
) -> bool:
    print(f"== {name}", flush=True)
    # CI: a test that lacks what it needs fails instead of leaving itself out
    full = {**os.environ, "CI": "1", **(environment or {})}
    has_passed = subprocess.run(command, cwd=ROOT, env=full, check=False).returncode == 0
    if not has_passed:
        print(f"== {name} FAILED", flush=True)
    return has_passed


def main() -> int:
    """The command line."""
    steps = (LINT, *TIERS)
    parser = argparse.ArgumentParser(prog="make test", description=__doc__)
    parser.add_argument("steps", nargs="*", default=steps, help=", ".join(steps))
    choice, more = parser.parse_known_args()
    if unknown := set(choice.steps) - set(steps):
        parser.error(f"no such step: {', '.join(sorted(unknown))}")
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        done = all(lint() if step == LINT else run_tier(step, more) for step in choice.steps)
        return 0 if done else 1
    return 130


if __name__ == "__main__":
    sys.exit(main())
