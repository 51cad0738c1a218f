"""supervisord for a set of programs: its configuration, and asking it questions."""

import contextlib
import shlex
import xmlrpc.client
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.local.program import ROOT, Program, python

GROUPS = ("names", "brokers", "services")
"""In order of starting; stopping goes the other way, group by group."""

LONGEST_SOCKET_PATH = 100

SUPERVISOR = """\
[supervisord]
nodaemon = true
silent = true
directory = {root}
pidfile = {folder}/supervisord.pid
childlogdir = {folder}/log
logfile = {folder}/log/supervisord.log
logfile_maxbytes = 5MB
logfile_backups = 3
{user}
[unix_http_server]
file = {socket}
chmod = 0700

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

# A program that keeps dying at once is tried again after 1, 2, … 10 seconds; then supervisord
# gives up and `revive` begins anew.
PROGRAM = """
[program:{name}]
command = {command}
environment = {environment}
autorestart = true
startsecs = 3
startretries = 10
stopwaitsecs = {patience}
killasgroup = true
redirect_stderr = true
stdout_logfile = {folder}/log/{name}.log
stdout_logfile_maxbytes = 5MB
stdout_logfile_backups = 3
"""

GROUP = """
[group:{name}]
programs = {programs}
priority = {priority}
"""


class SocketPathTooLongError(Exception):
    """The system cannot listen on a socket with so long a path."""


@dataclass(frozen=True)
class ProcessState:
    """What supervisord says about a process. `pid` is 0 while there is none."""

    name: str
    group: str
    state: str
    pid: int

    @property
    def address(self) -> str:
        """Its name in commands to supervisord."""
        return f"{self.group}:{self.name}"


def control_socket(folder: Path) -> Path:
    """The socket on which the supervisor of a stack listens."""
    path = folder / "supervisor.sock"
    if len(str(path).encode()) > LONGEST_SOCKET_PATH:
        raise SocketPathTooLongError(f"{path}: move the checkout to a shorter path")
    return path


def supervisor_program(folder: Path, programs: Sequence[Program], user: str) -> Program:
    """supervisord with `programs`; writes its configuration. `user` is set when it is root."""
    path = folder / "supervisord.conf"
    path.write_text(configuration(folder, programs, user))
    argv = python("-m", "supervisor.supervisord", "--configuration", str(path))
    return Program("supervisor", argv)


def configuration(folder: Path, programs: Sequence[Program], user: str = "") -> str:
    """The text of supervisord.conf."""
    head = SUPERVISOR.format(
        root=_literal(str(ROOT)),
        folder=_literal(str(folder)),
        socket=_literal(str(control_socket(folder))),
        user=f"user = {user}\n" if user else "",
    )
    return "".join((head, *(_program(p, folder) for p in programs), *_groups(programs)))


def _program(program: Program, folder: Path) -> str:
    environment = (f'{key}="{value}"' for key, value in program.environment.items())
    return PROGRAM.format(
        name=program.name,
        command=_literal(shlex.join(program.command())),
        environment=_literal(",".join(environment)),
        patience=program.patience,
        folder=_literal(str(folder)),
    )


def _groups(programs: Iterable[Program]) -> Iterable[str]:
    ordered = sorted(programs, key=lambda program: GROUPS.index(program.group))
    for name, members in groupby(ordered, key=lambda program: program.group):
        yield GROUP.format(
            name=name,
            programs=",".join(program.name for program in members),
            priority=GROUPS.index(name),
        )


def _literal(text: str) -> str:
    return text.replace("%", "%%")  # supervisord reads % as the start of a variable


class Supervisor:
    """A running supervisord, asked over its socket. Raises OSError when there is none."""

    def __init__(self, folder: Path) -> None:
        self._socket = control_socket(folder)

    def states(self) -> dict[str, ProcessState]:
        """All processes by name."""
        return {
            row["name"]: ProcessState(row["name"], row["group"], row["statename"], row["pid"])
            for row in self._ask("getAllProcessInfo")
        }

    def state(self, name: str) -> ProcessState:
        """One process; KeyError if the stack has none of that name."""
        return self.states()[name]

    def start(self, name: str) -> None:
        """Start a stopped process."""
        self._ask("startProcess", self.state(name).address)

    def stop(self, name: str) -> None:
        """Stop a process; it stays stopped until `start`."""
        self._ask("stopProcess", self.state(name).address)

    def revive(self) -> list[str]:
        """Start again whatever supervisord has given up; returns the names."""
        given_up = [state for state in self.states().values() if state.state == "FATAL"]
        for state in given_up:
            self._ask("startProcess", state.address, False)  # do not wait
        return [state.name for state in given_up]

    def _ask(self, method: str, *arguments: object) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self._socket}")
        with contextlib.closing(transport):
            proxy = xmlrpc.client.ServerProxy("http://local", transport)
            return getattr(proxy.supervisor, method)(*arguments)
