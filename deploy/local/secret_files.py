"""Small files that only their owner may read."""

import os
import secrets
from pathlib import Path


def write_private(path: Path, text: str) -> None:
    """Write `text` so that it was never readable by others, and never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)


def secret(path: Path, count: int = 24) -> str:
    """The secret kept at `path`, made up at the first call: so many bytes, in hexadecimal."""
    if not path.exists():
        write_private(path, secrets.token_hex(count))
    return path.read_text()
