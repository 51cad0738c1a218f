"""Passwords for new accounts: made at random, kept as hashes, written for their owner alone."""

import json
import os
import secrets
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from deploy.county.entries import AccountEntry
from shared.adapters.credentials import has_password, set_password
from shared.adapters.mongo import connect
from shared.settings import Settings

EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
LENGTH = 12


def give_passwords(
    settings: Settings, accounts: Sequence[AccountEntry], path: Path, is_demo: bool
) -> None:
    """Give accounts without a password one, and add it to the file at `path`.

    In a demo, whose file is what people sign in with, a password that is not in it is renewed.
    """
    known = {entry["name"]: entry for entry in _read(path)}
    client = connect(settings.mongodb_uri, "county")

    def needs_one(account: AccountEntry) -> bool:
        is_lost = is_demo and account.account_id not in known
        return is_lost or not has_password(client, settings, account.account_id)

    def given(account: AccountEntry) -> dict[str, Any]:
        password = "".join(secrets.choice(EASY_LETTERS) for _ in range(LENGTH))
        set_password(client, settings, account.account_id, password)
        scope = {"organization_id": account.organization_id, "area_ids": account.area_ids}
        return {
            "name": account.account_id,
            "password": password,
            "role": account.role,
            "scope": scope,
        }

    with client, ThreadPoolExecutor(os.cpu_count()) as hashing:
        for entry in hashing.map(given, [one for one in accounts if needs_one(one)]):
            known[entry["name"]] = entry
            _write(path, [*known.values()])


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
