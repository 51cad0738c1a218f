"""Make the secrets of the Docker stack: `python3 -m deploy.docker.make_secrets`, before `up`.

Needs nothing but Python. Makes what is missing and leaves the rest alone. To renew one, delete its
file, run this again, then `docker compose up --wait --force-recreate`; only the administrator's
(`mongodb_uri_admin`) cannot be renewed so, because it is what renews the others.

The folder is its owner's alone (0700). The files in it are readable (0444), because Compose hands
them to containers as they are, and the users in there are not the users out here.
"""

import argparse
import base64
import hashlib
import json
import secrets
import sys
from pathlib import Path

from deploy.docker.access import USERS

FOLDER = Path(__file__).parent / "secrets"
VAULT_CALLERS = ("gateway", "notices", "operator")
SHARED = (
    {"amqp_uri", "rabbitmq_definitions"},
    {"vault_callers", *(f"vault_token_{name}" for name in VAULT_CALLERS)},
)
BROKER_USER = "county"
BROKER_HOST = "county"
"""The virtual host: one of our own can have a default queue type, an existing `/` cannot."""


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python3 -m deploy.docker.make_secrets",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to put them")
    made = make_secrets(parser.parse_args().folder)
    print(f"made {len(made)} secrets" if made else "nothing was missing")
    return 0


def make_secrets(folder: Path) -> list[str]:
    """Make what is missing; returns the names of the files made."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    missing = [name for name in wanted() if not (folder / name).exists()]
    for shared in SHARED:  # files that hold the same password are made together
        if shared & {*missing}:
            missing = sorted({*missing} | shared)
    texts = _texts()
    for name in missing:
        _write(folder / name, texts[name])
    return missing


def wanted() -> list[str]:
    """The names of all secrets."""
    return [*_texts()]


def _texts() -> dict[str, str]:
    password = _password()
    tokens = {name: _password() for name in VAULT_CALLERS}
    return {
        "mongodb_keyfile": base64.b64encode(secrets.token_bytes(96)).decode(),
        "mongodb_uri_admin": f"mongodb://admin:{_password()}@127.0.0.1:27017/?directConnection=true",
        **{
            f"mongodb_uri_{name}": f"mongodb://{name}:{_password()}@mongodb:27017/?replicaSet=rs0"
            for name in USERS
        },
        "endpoints": "[]\n",
        "vault_root_key": secrets.token_hex(32),
        "vault_callers": json.dumps({name: _hash(token) for name, token in tokens.items()}),
        **{f"vault_token_{name}": token for name, token in tokens.items()},
        "single_sign_on": "\n",
        "amqp_uri": f"amqp://{BROKER_USER}:{password}@rabbitmq:5672/{BROKER_HOST}",
        "rabbitmq_definitions": json.dumps(_definitions(password), indent=1),
    }


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _password() -> str:
    return secrets.token_hex(24)


def _definitions(password: str) -> dict[str, object]:
    """What RabbitMQ loads at every start: its only user, and quorum queues unless said otherwise.

    RabbitMQ from 3.11 up knows a default queue type; 3.10 ignores it.
    """
    settings = {"description": "", "tags": [], "default_queue_type": "quorum"}
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    return {
        "vhosts": [{"name": BROKER_HOST, "metadata": settings}],
        "users": [
            {
                "name": BROKER_USER,
                "password_hash": broker_hash(password, secrets.token_bytes(4)),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": [],
            }
        ],
        "permissions": [{"user": BROKER_USER, "vhost": BROKER_HOST, **everything}],
    }


def broker_hash(password: str, salt: bytes) -> str:
    """RabbitMQ's: base64 of the four bytes of salt and the SHA-256 of salt and password."""
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _write(path: Path, text: str) -> None:
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    draft.touch(mode=0o600)
    draft.write_text(text)
    draft.chmod(0o444)
    draft.replace(path)


if __name__ == "__main__":
    sys.exit(main())
