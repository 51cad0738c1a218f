"""The vault's keys, as small files outside the database: what is destroyed here is gone for good.

A database keeps deleted rows in its journal, its oplog and in every backup. A person's key lies
there too, but wrapped under an epoch key that is one of these files. When a person is erased, the
others move to a new epoch, the old file is overwritten and unlinked, and the erased person's key
cannot be unwrapped any more, in whatever copy of the database it may still lie.
"""

import os
import re
from pathlib import Path
from typing import Final

from shared.sealing import CannotOpen, new_key, open_sealed, place_of, seal

_EPOCH: Final = re.compile(r"epoch-(\d{6})\.key")


class KeysMissing(Exception):  # noqa: N818 - says what is the matter
    """The folder was made with another root key, or its files were changed."""


class KeyFolder:
    """Files `epoch-000001.key` and `<purpose>.key`, each sealed under the root key.

    Safe for several processes: whoever makes a file first makes it for all.
    """

    def __init__(self, folder: Path, root: bytes, county: str) -> None:
        self._folder = folder
        self._root = root
        self._county = county
        self._known: dict[str, bytes] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def of(self, purpose: str) -> bytes:
        """The key for one purpose, made at the first call. Raises KeysMissing."""
        return self._read_or_make(f"{purpose}.key")

    def epoch(self, number: int) -> bytes:
        """Raises KeyError when that epoch is over, KeysMissing when it cannot be read."""
        name = _name(number)
        if not (self._folder / name).exists():
            self._known.pop(name, None)
            raise KeyError(number)
        return self._read_or_make(name)

    def epochs(self) -> list[int]:
        """Those that are not over, in order."""
        found = (_EPOCH.fullmatch(path.name) for path in self._folder.iterdir())
        return sorted(int(match[1]) for match in found if match)

    def current(self) -> int:
        """The newest epoch; the first one is begun by asking."""
        epochs = self.epochs()
        return epochs[-1] if epochs else self.begin()

    def begin(self) -> int:
        """A new epoch; what is wrapped from now on is wrapped under its key."""
        number = (self.epochs() or [0])[-1] + 1
        self._read_or_make(_name(number))
        return number

    def begun_at(self, number: int) -> float:
        """When an epoch was begun, in seconds since 1970."""
        return (self._folder / _name(number)).stat().st_mtime

    def destroy(self, number: int) -> None:
        """Overwrite and unlink an epoch's key; doing it twice does no harm."""
        path = self._folder / _name(number)
        self._known.pop(path.name, None)
        if not path.exists():
            return
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink()
        self._settle()

    def copies(self) -> dict[str, bytes]:
        """Every key in clear, by file name: for a backup that is sealed in another way."""
        return {path.name: self._open(path) for path in sorted(self._folder.glob("*.key"))}

    def put(self, name: str, key: bytes) -> None:
        """A key from a backup; one that is there already stays, and has to be the same."""
        if self._read_or_make(name, key) != key:
            raise KeysMissing(f"{name} is there with another content")

    def _read_or_make(self, name: str, wanted: bytes | None = None) -> bytes:
        if name in self._known:
            return self._known[name]
        path = self._folder / name
        if not path.exists():
            self._make(path, wanted or new_key())
        self._known[name] = self._open(path)
        return self._known[name]

    def _open(self, path: Path) -> bytes:
        try:
            return open_sealed(self._root, path.read_bytes(), self._place(path.name))
        except CannotOpen:
            raise KeysMissing(f"{path.name} does not open with this root key") from None

    def _make(self, path: Path, key: bytes) -> None:
        """Whole or not at all, and never over a file that somebody else has made meanwhile."""
        draft = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(seal(self._root, key, self._place(path.name)))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        self._settle()

    def _place(self, name: str) -> bytes:
        return place_of(self._county, "key", name)

    def _settle(self) -> None:
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _name(number: int) -> str:
    return f"epoch-{number:06d}.key"
