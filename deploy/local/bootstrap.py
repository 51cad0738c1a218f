"""Gets a fresh Debian or Ubuntu ready, then hands over: `python3 deploy/local/bootstrap.py run`.

Uses the standard library alone, because it is what makes the virtual environment. Installs only
what is missing; with nothing missing it takes a blink.
"""

import argparse
import contextlib
import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin/python"
OLDEST_PYTHON = (3, 11)
POLICY = Path("/usr/sbin/policy-rc.d")
START_NO_SERVICE = "#!/bin/sh\nexit 101\n"
ENTRIES = {"run": "deploy.local.stack", "test": "deploy.local.test"}


def has_python_venv() -> bool:
    """Debian splits pip for new environments into a package of its own."""
    return importlib.util.find_spec("ensurepip") is not None


def has_rabbitmq() -> bool:
    """Where Debian puts the scripts that the private node uses."""
    return any(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))


def has_libcurl() -> bool:
    """The wheel's mongod needs it; a mongod of the system brings its own."""
    with contextlib.suppress(OSError):
        ctypes.CDLL("libcurl.so.4")
        return True
    return shutil.which("mongod") is not None


def has_chinese_fonts() -> bool:
    """Browser tests look at Chinese pages."""
    return any(Path("/usr/share/fonts").glob("**/NotoSansCJK*"))


def has_browser() -> bool:
    """A Chromium or Chrome of the system, or a Chromium that Playwright has fetched."""
    names = ("chromium", "chromium-browser", "google-chrome")
    fetched = Path.home() / ".cache/ms-playwright"
    return any(shutil.which(name) for name in names) or any(fetched.glob("chromium-*"))


Needs = dict[str, Callable[[], bool]]

NEEDS: Needs = {
    "python3-venv": has_python_venv,
    "rabbitmq-server": has_rabbitmq,
    "libcurl4": has_libcurl,
    "npm": lambda: shutil.which("npm") is not None,
    "util-linux": lambda: shutil.which("setpriv") is not None,
}
NEEDS_OF_TESTS: Needs = {"fonts-noto-cjk": has_chinese_fonts, "chromium": has_browser}
if platform.freedesktop_os_release().get("ID") == "ubuntu":
    del NEEDS_OF_TESTS["chromium"]  # there it is a snap; `install_browser` fetches one


def install_packages(needs: Needs) -> None:
    """apt-get what is missing, without starting a service that comes with it."""
    missing = [package for package, is_there in needs.items() if not is_there()]
    if not missing:
        return
    print(f"installing {', '.join(missing)}", flush=True)
    with _no_service_starts():
        if not _apt_get("install", "--no-install-recommends", *missing):
            _apt_get("update")
            if not _apt_get("install", "--no-install-recommends", *missing):
                raise SystemExit(f"apt-get could not install: {' '.join(missing)}")
    if "rabbitmq-server" in missing and shutil.which("systemctl"):
        # we start our own node: the machine need not run one at every boot because of us
        _as_root("systemctl", "disable", "--quiet", "rabbitmq-server.service")


@contextlib.contextmanager
def _no_service_starts() -> Iterator[None]:
    """Debian asks this file whether a service may start; an existing answer is respected."""
    if POLICY.exists():
        yield
        return
    with tempfile.NamedTemporaryFile("w", suffix=".sh") as answer:
        answer.write(START_NO_SERVICE)
        answer.flush()
        _as_root("install", "-m", "755", answer.name, str(POLICY))
    try:
        yield
    finally:
        _as_root("rm", "-f", str(POLICY))


def _apt_get(*arguments: str) -> bool:
    return _as_root("env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-y", *arguments)


def _as_root(*command: str) -> bool:
    sudo = () if os.geteuid() == 0 else ("sudo",)
    if sudo and not shutil.which("sudo"):
        raise SystemExit(f"root is needed for: {' '.join(command)}")
    return subprocess.run([*sudo, *command], check=False).returncode == 0


def install_python_packages(lock: Path) -> None:
    """Make .venv hold what the lock says; skipped when it was made from this very lock."""
    made_from = VENV / f"made-from-{lock.name}"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if PYTHON.exists() and made_from.exists() and made_from.read_text() == digest:
        return
    if not PYTHON.exists():
        print("creating .venv", flush=True)
        _run(sys.executable, "-m", "venv", "--clear", str(VENV))
    print(f"installing the Python packages of {lock.name}", flush=True)
    # wheels alone: what has to be compiled would ask every machine for a compiler
    wheels = ("--require-hashes", "--only-binary", ":all:")
    _run(str(PYTHON), "-m", "pip", "install", *wheels, "-r", str(lock))
    made_from.write_text(digest)


def install_front_end_packages() -> None:
    """npm packages of the lock, without running their scripts."""
    lock = ROOT / "package-lock.json"
    made_from = ROOT / "node_modules/.made-from"
    digest = hashlib.sha256(lock.read_bytes()).hexdigest()
    if made_from.exists() and made_from.read_text() == digest:
        return
    print("installing the front-end packages", flush=True)
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
    made_from.write_text(digest)


def install_browser() -> None:
    """Where the system has no Chromium package, Playwright fetches one."""
    if not has_browser():
        _run(str(PYTHON), "-m", "playwright", "install", "--with-deps", "chromium")


def set_up(for_tests: bool) -> None:
    """Everything that must be there before the first process starts."""
    if sys.version_info < OLDEST_PYTHON:
        raise SystemExit("Python 3.11 or newer is needed")
    install_packages({**NEEDS, **(NEEDS_OF_TESTS if for_tests else {})})
    install_python_packages(ROOT / "requirements.lock")
    install_front_end_packages()
    if for_tests:
        install_python_packages(ROOT / "requirements-dev.lock")
        install_browser()
    _run(str(PYTHON), "-m", "deploy.local.mongodb_server")


def _run(*command: str) -> None:
    if subprocess.run(command, cwd=ROOT, check=False).returncode != 0:
        raise SystemExit(f"failed: {' '.join(command)}")


def main(arguments: Sequence[str]) -> None:
    """The command line; becomes the command that was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=("setup", "setup-tests", *ENTRIES))
    parser.add_argument("more", nargs=argparse.REMAINDER, help="for what is started")
    choice = parser.parse_args(arguments)
    set_up(for_tests=choice.what in ("setup-tests", "test"))
    if choice.what in ENTRIES:
        os.chdir(ROOT)
        os.execv(PYTHON, [str(PYTHON), "-m", ENTRIES[choice.what], *choice.more])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        raise SystemExit(130) from None
