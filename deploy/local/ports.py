"""TCP ports that are free now and stay the same from run to run."""

import contextlib
import json
import random
import socket
from pathlib import Path

CHOICE = range(20_000, 32_000)
"""Below the range from which systems take ports for outgoing connections."""


class PortTakenError(Exception):
    """The port somebody asked for is in use."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a server could listen there now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):
            probe.bind((host, port))
            return True
    return False


def free_port() -> int:
    """A port that nobody listens on."""
    return next(port for port in random.sample(CHOICE, len(CHOICE)) if is_free(port))


class Ports:
    """The ports of one stack, remembered in `folder`/ports.json."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "ports.json"
        self._known: dict[str, int] = (
            json.loads(self._file.read_text()) if self._file.exists() else {}
        )

    def port(self, name: str, preferred: int = 0) -> int:
        """Last time's port if it is free, else `preferred` if that is, else any free one."""
        wishes = (self._known.get(name, 0), preferred)
        return self._keep(name, next((p for p in wishes if p and is_free(p)), 0) or free_port())

    def exactly(self, name: str, port: int, host: str) -> int:
        """The port that somebody asked for, or `PortTakenError`."""
        if not is_free(port, host):
            raise PortTakenError(f"port {port} on {host} is in use: choose another PORT")
        return self._keep(name, port)

    def _keep(self, name: str, port: int) -> int:
        self._known[name] = port
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._file.write_text(json.dumps(self._known, indent=1, sort_keys=True))
        return port
