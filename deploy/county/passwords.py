"""Passwords for new accounts: made at random, kept as hashes, written for their owner alone."""

import json
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.county.entries import AccountEntry
from shared.access import NEEDS_SECOND_FACTOR
from shared.adapters.credentials import has_password, set_password
from shared.adapters.mongo import Client, connect
from shared.adapters.mongo_second_factors import bind
from shared.settings import Settings

EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 12


def give_passwords(
    settings: Settings, accounts: Sequence[AccountEntry], path: Path, is_demo: bool
) -> None:
    """Give accounts without a password one, and add it to the file at `path`.

    It is a one-time password: its owner chooses another at the first sign-in, and binds a phone if
    the post needs a second factor. In a demo, whose file is what people sign in with, passwords
    stay, the secret of the second factor lies beside them, and what is not in the file is renewed.
    """
    known = {entry["name"]: entry for entry in _read(path)}
    client = connect(settings.mongodb_uri, "county")

    def needs_one(account: AccountEntry) -> bool:
        is_lost = is_demo and not _opens(known.get(account.account_id), account)
        return is_lost or not has_password(client, settings, account.account_id)

    def given(account: AccountEntry) -> dict[str, Any]:
        password = "".join(secrets.choice(EASY_LETTERS) for _ in range(LENGTH))
        set_password(client, settings, account.account_id, password, is_one_time=not is_demo)
        scope = {"organization_id": account.organization_id, "area_ids": account.area_ids}
        return {
            "name": account.account_id,
            "password": password,
            "role": account.role,
            "scope": scope,
            **(_second_factor(client, settings, account) if is_demo else {}),
        }

    with client, ThreadPoolExecutor(os.cpu_count()) as hashing:
        for entry in hashing.map(given, [one for one in accounts if needs_one(one)]):
            known[entry["name"]] = entry
            _write(path, [*known.values()])


def _opens(entry: dict[str, Any] | None, account: AccountEntry) -> bool:
    """Whether the file has all that signing in with this account takes."""
    needs_secret = account.role in NEEDS_SECOND_FACTOR
    return entry is not None and (not needs_secret or "totp_secret" in entry)


def _second_factor(client: Client, settings: Settings, account: AccountEntry) -> dict[str, str]:
    if account.role not in NEEDS_SECOND_FACTOR:
        return {}
    return {"totp_secret": bind(client, settings, account.account_id)}


def _read(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return found


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        json.dump(entries, file, ensure_ascii=False, indent=1)
    draft.replace(path)
