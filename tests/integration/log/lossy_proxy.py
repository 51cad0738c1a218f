"""A wire to MongoDB that can swallow answers or go dead: the outcome of a write is then unknown."""

import socket
import threading
from contextlib import suppress


class LossyProxy:
    """Listens on a port of its own and passes on to MongoDB.

    `swallow` counts the inserts whose answers will not come: they go out, then the line is cut.
    With `is_dead` every line is cut at once.
    """

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.swallow = 0
        self.is_dead = False
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def uri(self) -> str:
        return f"mongodb://127.0.0.1:{self._listener.getsockname()[1]}/?directConnection=true"

    def close(self) -> None:
        self.is_dead = True
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                threading.Thread(target=self._pass_on, args=(near, far), daemon=True).start()
                threading.Thread(target=self._answer, args=(far, near), daemon=True).start()

    def _pass_on(self, near: socket.socket, far: socket.socket) -> None:
        with suppress(OSError):
            while (asked := near.recv(1 << 20)) and not self.is_dead:
                is_lost = self.swallow > 0 and b"\x02insert\x00" in asked
                if is_lost:
                    self.swallow -= 1
                    near.shutdown(socket.SHUT_RDWR)
                far.sendall(asked)
                if is_lost:
                    return
        self._cut(near, far)

    def _answer(self, far: socket.socket, near: socket.socket) -> None:
        with suppress(OSError):
            while (said := far.recv(1 << 20)) and not self.is_dead:
                near.sendall(said)
        self._cut(near, far)

    @staticmethod
    def _cut(*lines: socket.socket) -> None:
        for line in lines:
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()
