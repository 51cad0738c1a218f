"""The local vault's secrets, and what its processes are told of them by their environment."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from deploy.local.secret_files import secret, write_private
from shared.settings import Settings

CALLERS = ("gateway", "notices", "operator")
ROOT_KEY_BYTES = 32


def vault_environment(folder: Path, port: int) -> Mapping[str, str]:
    """For the vault itself. Makes in `folder` what is missing, readable by its owner alone."""
    hashed = {name: _hash(secret(_token(folder, name))) for name in CALLERS}
    write_private(folder / "callers.json", json.dumps(hashed))
    write_private(folder / "port", str(port))
    secret(folder / "root.key", ROOT_KEY_BYTES)
    return {
        "VAULT_BIND": f"127.0.0.1:{port}",
        "VAULT_CALLERS_FILE": str(folder / "callers.json"),
        **key_environment(folder),
    }


def key_environment(folder: Path) -> Mapping[str, str]:
    """For tools that open the vault while it is not running."""
    return {
        "VAULT_ROOT_KEY_FILE": str(folder / "root.key"),
        "VAULT_KEYS": str(folder / "keys"),
    }


def with_keys(folder: Path, settings: Settings) -> Settings:
    """The same settings, with the keys of the local vault."""
    root = secret(folder / "root.key", ROOT_KEY_BYTES)
    return settings.model_copy(update={"vault_root_key": root, "vault_keys": str(folder / "keys")})


def caller_environment(folder: Path, port: int, caller: str) -> Mapping[str, str]:
    """For a process that asks the vault."""
    return {
        "VAULT_URL": f"http://127.0.0.1:{port}",
        "VAULT_TOKEN_FILE": str(_token(folder, caller)),
    }


def _token(folder: Path, caller: str) -> Path:
    return folder / f"{caller}.token"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
