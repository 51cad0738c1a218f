"""Single sign-ons on their way: what we sent somebody off with, to be taken up once."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from pymongo import AsyncMongoClient

from shared.adapters.trouble import as_unavailable
from shared.settings import Settings

LIFETIME = timedelta(minutes=10)
Document = dict[str, Any]


class Flow(NamedTuple):
    """`wanted` is the page that somebody wanted to see; `redirect_uri` has to be said again."""

    nonce: str
    verifier: str
    redirect_uri: str
    wanted: str


class Flows:
    """Documents `{_id: hash of the state, …}` in the gateway's database. Raise Unavailable."""

    def __init__(self, client: AsyncMongoClient[Document], settings: Settings) -> None:
        self._flows = client[settings.database("gateway")]["sign_in_flows"]

    async def create_indexes(self) -> None:
        await self._flows.create_index("expires_at", expireAfterSeconds=0)

    async def keep(self, state: str, flow: Flow) -> None:
        kept = {"_id": _hash(state), **flow._asdict(), "expires_at": datetime.now(UTC) + LIFETIME}
        with as_unavailable():
            await self._flows.insert_one(kept)

    async def take(self, state: str) -> Flow | None:
        """Once: a second answer to the same question finds nothing."""
        with as_unavailable():
            found = await self._flows.find_one_and_delete({"_id": _hash(state)})
        if found is None or found["expires_at"] < datetime.now(UTC):
            return None
        return Flow(*(found[name] for name in Flow._fields))


def _hash(state: str) -> str:
    return hashlib.sha256(state.encode()).hexdigest()
