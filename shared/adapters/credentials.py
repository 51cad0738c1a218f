"""Passwords: argon2id hashes, checked by the gateway so that no password travels the broker."""

import asyncio
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pymongo import AsyncMongoClient, MongoClient

from shared.adapters.trouble import as_unavailable
from shared.settings import Settings

Document = dict[str, Any]

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with 19 MiB and two passes: the OWASP password storage cheat sheet's first choice."""

NOBODYS = HASHER.hash("nobody has this password")
"""Checked for unknown names, so that they take as long as known ones."""


def set_password(
    client: MongoClient[Document], settings: Settings, account_id: str, password: str
) -> None:
    """Store the hash of an account's password; for set-up tools. Raises Unavailable."""
    credentials = client[settings.database("accounts")]["credentials"]
    with as_unavailable():
        credentials.replace_one(
            {"_id": account_id}, {"_id": account_id, "hash": HASHER.hash(password)}, upsert=True
        )


def has_password(client: MongoClient[Document], settings: Settings, account_id: str) -> bool:
    """Whether the account has a password at all. Raises Unavailable."""
    credentials = client[settings.database("accounts")]["credentials"]
    with as_unavailable():
        return credentials.find_one({"_id": account_id}, {"_id": 1}) is not None


class Credentials:
    """Checks passwords without holding up the event loop."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._credentials = client[settings.database("accounts")]["credentials"]

    async def is_right(self, account_id: str, password: str) -> bool:
        """Whether this is the password; False for an unknown account. Raises Unavailable."""
        with as_unavailable():
            found = await self._credentials.find_one({"_id": account_id})
        stored = found["hash"] if found else NOBODYS
        is_right = await asyncio.to_thread(_matches, stored, password)
        return is_right and found is not None


def _matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
