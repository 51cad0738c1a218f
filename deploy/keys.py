"""The vault's keys: turn the epoch, back them up, bring them back (`python -m deploy.keys`).

Without its keys nothing that is known of people can be read, by anybody, ever. A backup is one file
under a passphrase: keep it apart from backups of the database, make a new one after every turning,
and destroy those from before: together with an old database they would bring back who was erased.
"""

import argparse
import getpass
import os
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from deploy.key_backup import Backup, NotABackup, opened, sealed
from deploy.local.plan import Addresses
from deploy.local.program import LOCAL
from deploy.local.secret_files import write_private
from deploy.local.vault import caller_environment, key_environment
from shared.adapters.key_folder import KeyFolder, KeysMissing
from shared.adapters.mongo import connect
from shared.adapters.mongo_vault import open_vault
from shared.adapters.vault_client import BlockingVault
from shared.rejection import Rejected
from shared.settings import Settings

SHORTEST_PASSPHRASE = 12
LOOKS_EVERY = 1.0
AT_ONCE = 500


def main(arguments: list[str] | None = None) -> int:
    """0: done; 1: it could not be done, and why; 2: wrong usage."""
    asked = _parse(arguments)
    if "VAULT_KEYS" not in os.environ:
        os.environ.update(_local(asked.folder.resolve()))
    try:
        return int(asked.act(asked))
    except (KeysMissing, NotABackup, FileExistsError, FileNotFoundError) as trouble:
        print(trouble)
    except Rejected as refusal:
        print(refusal.message)
    return 1


def rotate(_asked: argparse.Namespace) -> int:
    """Begin an epoch and watch until the one before is destroyed; the vault goes on by itself."""
    vault = BlockingVault(Settings())
    try:
        progress = vault.rotate()
        while progress["is_turning"]:
            print(_told(progress), flush=True)
            time.sleep(LOOKS_EVERY)
            progress = vault.rotation()
    finally:
        vault.close()
    print(_told(progress))
    print(
        print("the keys before it are destroyed: back up the keys now, and destroy older backups")
    )
    print("of keys, because with an old database they would bring back who was erased")
    return 0


def backup(asked: argparse.Namespace) -> int:
    """Every key into one file; it is opened once to see that it can be."""
    if asked.file.exists():
        raise FileExistsError(f"{asked.file} is there already: nothing is replaced")
    settings, passphrase = Settings(), _passphrase(asked, twice=True)
    with connect(settings.mongodb_uri, "operator") as client:
        persons = list(open_vault(client, settings).wrapped())
    made = Backup(settings.county, settings.vault_root_key, _folder(settings).copies(), persons)
    text = sealed(made, passphrase)
    if opened(text, passphrase) != made:
        raise NotABackup("what was sealed does not open again")
    write_private(asked.file, text)
    print(f"{asked.file}: {len(made.keys)} keys, {len(persons)} persons")
    return 0


def restore(asked: argparse.Namespace) -> int:
    """The keys of a backup, where there are none; nothing is ever replaced."""
    found = opened(asked.file.read_text(), _passphrase(asked))
    root_key_file = Path(os.environ["VAULT_ROOT_KEY_FILE"])
    if not root_key_file.exists():
        write_private(root_key_file, found.root_key)
    if root_key_file.read_text().strip() != found.root_key:
        raise KeysMissing(f"{root_key_file} is another root key: move it away first")
    settings = Settings(county=found.county, vault_root_key=found.root_key)
    folder = _folder(settings)
    for name, key in found.keys.items():
        folder.put(name, key)
    with connect(settings.mongodb_uri, "operator") as client:
        vault = open_vault(client, settings)
        for start in range(0, len(found.persons), AT_ONCE):
            vault.put_back([dict(one) for one in found.persons[start : start + AT_ONCE]])
    print(f"{len(found.keys)} keys and {len(found.persons)} persons of {found.county} are back")
    return 0


def _folder(settings: Settings) -> KeyFolder:
    root = bytes.fromhex(settings.vault_root_key)
    return KeyFolder(Path(settings.vault_keys), root, settings.county)


def _told(progress: Mapping[str, Any]) -> str:
    done, left = progress["done"], progress["left"]
    return f"epoch {progress['epoch']}: {done} of {done + left} keys wrapped"


def _local(folder: Path) -> Mapping[str, str]:
    """The local stack, which knows where everything is; its vault's port while it runs."""
    addresses = Addresses.load(folder)
    vault = folder / "vault"
    port = int((vault / "port").read_text())
    return {
        **addresses.environment(),
        **key_environment(vault),
        **caller_environment(vault, port, "operator"),
    }


def _passphrase(asked: argparse.Namespace, twice: bool = False) -> str:
    if asked.passphrase_file:
        typed = str(asked.passphrase_file.read_text()).strip()
    else:
        typed = getpass.getpass("passphrase: ")
        if twice and getpass.getpass("once more: ") != typed:
            raise NotABackup("the two passphrases differ")
    if twice and len(typed) < SHORTEST_PASSPHRASE:
        raise NotABackup(f"a passphrase has {SHORTEST_PASSPHRASE} characters or more")
    return typed


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.keys",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--folder", type=Path, default=LOCAL, help="the folder of a local stack")
    commands = parser.add_subparsers(dest="command", required=True)
    turning = commands.add_parser("rotate", help="begin a new epoch and destroy the ones before")
    turning.set_defaults(act=rotate)
    kept: tuple[tuple[str, Callable[[argparse.Namespace], int], str], ...] = (
        ("backup", backup, "every key into one file under a passphrase"),
        ("restore", restore, "the keys of such a file, where there are none"),
    )
    for name, act, what in kept:
        command = commands.add_parser(name, help=what)
        command.add_argument("file", type=Path)
        command.add_argument("--passphrase-file", type=Path, help="instead of typing it")
        command.set_defaults(act=act)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
