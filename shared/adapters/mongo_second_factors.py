"""The second factor of each account: the secret its authenticator app shares with us."""

from datetime import UTC, datetime
from typing import Any, Literal

from pymongo import AsyncMongoClient, MongoClient

from shared.adapters.credentials import DATABASE
from shared.adapters.trouble import as_unavailable
from shared.one_time_codes import (
    hash_of_recovery_code,
    matching_step,
    new_recovery_codes,
    new_secret,
)
from shared.settings import Settings

Document = dict[str, Any]
Verdict = Literal["code", "recovery_code", "wrong", "used"]
UNUSED = -1


def bind(client: MongoClient[Document], settings: Settings, account_id: str) -> str:
    """Bind a fresh secret and return it, for the demo's accounts. Raises Unavailable."""
    secret = new_secret()
    factors = client[settings.database(DATABASE)]["second_factors"]
    bound = {"secret": secret, "last_step": UNUSED, "recovery": []}
    with as_unavailable():
        factors.replace_one({"_id": account_id}, bound, upsert=True)
    return secret


class SecondFactors:
    """`{_id: account, secret, last_step, recovery: [hashes], offered}`. All raise Unavailable."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._factors = client[settings.database(DATABASE)]["second_factors"]

    async def is_bound(self, account_id: str) -> bool:
        """Whether signing in needs a code."""
        return await self.recovery_codes_left(account_id) is not None

    async def recovery_codes_left(self, account_id: str) -> int | None:
        """How many; None without a second factor."""
        found = await self._find(account_id)
        return len(found["recovery"]) if found and "secret" in found else None

    async def offer(self, account_id: str) -> str:
        """A new secret to put into an app; it counts once a code of it was shown."""
        secret = new_secret()
        with as_unavailable():
            await self._factors.update_one(
                {"_id": account_id}, {"$set": {"offered": secret}}, upsert=True
            )
        return secret

    async def offered(self, account_id: str) -> str | None:
        """The secret that waits for its first code."""
        found = await self._find(account_id)
        return found.get("offered") if found else None

    async def accept(self, account_id: str, code: str) -> tuple[str, ...] | None:
        """Bind what was offered, by a code of it; fresh recovery codes, or None for a wrong one."""
        offered = await self.offered(account_id)
        step = matching_step(offered, code, datetime.now(UTC)) if offered else None
        if step is None:
            return None
        codes = new_recovery_codes()
        bound = {"secret": offered, "last_step": step, "recovery": _hashed(codes)}
        with as_unavailable():
            done = await self._factors.update_one(
                {"_id": account_id, "offered": offered},
                {"$set": bound, "$unset": {"offered": ""}},
            )
        return codes if done.modified_count else None

    async def try_code(self, account_id: str, code: str) -> Verdict:
        """Take a code or a recovery code, each only once, also when two try it at the same time."""
        found = await self._find(account_id)
        if found is None or "secret" not in found:
            return "wrong"
        step = matching_step(found["secret"], code, datetime.now(UTC))
        if step is None:
            return await self._try_recovery_code(account_id, code)
        later = {"_id": account_id, "secret": found["secret"], "last_step": {"$lt": step}}
        with as_unavailable():
            done = await self._factors.update_one(later, {"$set": {"last_step": step}})
        return "code" if done.modified_count else "used"

    async def renew_recovery_codes(self, account_id: str) -> tuple[str, ...]:
        """Ten new ones; the old ones are worth nothing any more."""
        codes = new_recovery_codes()
        with as_unavailable():
            await self._factors.update_one(
                {"_id": account_id}, {"$set": {"recovery": _hashed(codes)}}
            )
        return codes

    async def forget(self, account_id: str) -> None:
        """The phone is gone: whoever signs in next binds a new one, if the role needs it."""
        with as_unavailable():
            await self._factors.delete_one({"_id": account_id})

    async def _find(self, account_id: str) -> Document | None:
        with as_unavailable():
            return await self._factors.find_one({"_id": account_id})

    async def _try_recovery_code(self, account_id: str, code: str) -> Verdict:
        hashed = hash_of_recovery_code(code)
        with as_unavailable():
            done = await self._factors.update_one(
                {"_id": account_id, "recovery": hashed}, {"$pull": {"recovery": hashed}}
            )
        return "recovery_code" if done.modified_count else "wrong"


def _hashed(codes: tuple[str, ...]) -> list[str]:
    return [hash_of_recovery_code(code) for code in codes]
