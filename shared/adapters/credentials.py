"""Passwords: argon2id hashes, checked by the gateway so that no password travels the broker.

They lie in a database of their own (`<county>_credentials`), which only the gateway and the set-up
tools may open.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pymongo import AsyncMongoClient, MongoClient

from shared.adapters.trouble import as_unavailable
from shared.settings import Settings

Document = dict[str, Any]
DATABASE = "credentials"

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
"""argon2id with 19 MiB and two passes: the OWASP password storage cheat sheet's first choice."""

NOBODYS = HASHER.hash("nobody has this password")
"""Checked for unknown names, so that they take as long as known ones."""

ONE_TIME_FOR = timedelta(days=14)
"""How long a password that somebody else has seen opens the door to changing it."""


class Checked(NamedTuple):
    """What came of looking at a name and a password."""

    is_known: bool
    is_right: bool
    is_one_time: bool = False
    is_expired: bool = False


class GivenOut(NamedTuple):
    """A one-time password's standing: the position of its reset, and whether it waits for use."""

    position: int
    is_unused: bool


def set_password(
    client: MongoClient[Document],
    settings: Settings,
    account_id: str,
    password: str,
    *,
    is_one_time: bool = False,
) -> None:
    """Store the hash of an account's password; for set-up tools. Raises Unavailable."""
    passwords = client[settings.database(DATABASE)]["passwords"]
    with as_unavailable():
        passwords.replace_one(
            {"_id": account_id}, _document(HASHER.hash(password), is_one_time), upsert=True
        )


def has_password(client: MongoClient[Document], settings: Settings, account_id: str) -> bool:
    """Whether the account has a password at all. Raises Unavailable."""
    passwords = client[settings.database(DATABASE)]["passwords"]
    with as_unavailable():
        return passwords.find_one({"_id": account_id}, {"_id": 1}) is not None


class Credentials:
    """Checks and keeps passwords without holding up the event loop. All raise Unavailable."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._passwords = client[settings.database(DATABASE)]["passwords"]

    async def check(self, account_id: str, password: str) -> Checked:
        """Whether this is the password; takes as long for a name that nobody has."""
        with as_unavailable():
            found = await self._passwords.find_one({"_id": account_id})
        stored = found["hash"] if found else NOBODYS
        is_right = await asyncio.to_thread(_matches, stored, password)
        if found is None:
            return Checked(is_known=False, is_right=False)
        is_one_time = found["is_one_time"]
        is_expired = is_one_time and found["at"] + ONE_TIME_FOR < datetime.now(UTC)
        return Checked(True, is_right, is_one_time, is_expired)

    async def change(self, account_id: str, password: str) -> None:
        """The owner's own choice."""
        await self._keep(account_id, password, is_one_time=False)

    async def give_out(self, account_id: str, password: str, position: int) -> None:
        """A one-time password, by the reset at this position of the county's log."""
        await self._keep(account_id, password, is_one_time=True, position=position)

    async def given_out(self, account_id: str) -> GivenOut | None:
        """What was given out last, if anything was."""
        with as_unavailable():
            found = await self._passwords.find_one({"_id": account_id}, {"hash": 0})
        return GivenOut(found.get("position", 0), found["is_one_time"]) if found else None

    async def _keep(
        self, account_id: str, password: str, *, is_one_time: bool, position: int = 0
    ) -> None:
        """A change keeps the last reset's position, so no retry repeats that reset."""
        hashed = await asyncio.to_thread(HASHER.hash, password)
        kept = _document(hashed, is_one_time, position)
        if not is_one_time:
            del kept["position"]
        with as_unavailable():
            await self._passwords.update_one({"_id": account_id}, {"$set": kept}, upsert=True)


def _document(hashed: str, is_one_time: bool, position: int = 0) -> Document:
    at = datetime.now(UTC)
    return {"hash": hashed, "is_one_time": is_one_time, "at": at, "position": position}


def _matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
