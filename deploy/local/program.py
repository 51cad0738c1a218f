"""One operating-system process to keep running: what it is called, its command, its environment."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"

MARK = "LOCAL_STACK"
"""Environment variable by which a process of a stack can be recognised: the stack's folder."""


@dataclass(frozen=True)
class Program:
    """A process to start. `environment` is added to the environment of whoever starts it.

    `group` says when it stops: services first, then brokers, then names. `patience` is how many
    seconds it may take to stop before it is killed.
    """

    name: str
    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    group: str = "services"
    patience: int = 20

    def command(self) -> tuple[str, ...]:
        """The command line, bound to the life of its parent: without it, it is asked to stop."""
        return ("setpriv", "--pdeathsig", "TERM", *self.argv)


def python(*arguments: str) -> tuple[str, ...]:
    """A command line for this very Python."""
    return (sys.executable, *arguments)


def spawn(program: Program, folder: Path) -> subprocess.Popen[bytes]:
    """Start a program outside any supervisor, its output in `folder`/log/NAME.log.

    It ends when the *thread* that called this ends, so call it from a thread that stays.
    """
    log = folder / "log" / f"{program.name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        return subprocess.Popen(
            program.command(),
            env={**os.environ, **program.environment, MARK: str(folder)},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C is for us alone; we then stop it in order
        )
