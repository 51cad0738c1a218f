"""A line on which answers take their time, each its own, so that they overtake one another."""

import random
import socket
import threading
import time
from contextlib import suppress

LONGEST_SECONDS = 0.8


class SlowLine:
    """Listens on a port of its own and passes on to the gateway; `seed` fixes the delays.

    What goes out goes at once. Of what comes back every other piece waits, up to LONGEST_SECONDS.
    Within one connection the order stays, as on a real line.
    """

    def __init__(self, host: str, port: int, seed: int) -> None:
        self._target = (host, port)
        self._delays = random.Random(seed)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._lines: list[socket.socket] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        for line in (self._listener, *self._lines):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
            line.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(self._target)
                self._lines += (near, far)
                for way in ((near, far, 0.0), (far, near, LONGEST_SECONDS)):
                    threading.Thread(target=self._carry, args=way, daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, longest: float) -> None:
        with suppress(OSError):
            while said := source.recv(1 << 20):
                time.sleep(max(0, self._delays.uniform(-longest, longest)))
                target.sendall(said)
        for line in (source, target):
            with suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)
