"""The vault as its callers see it: HTTP from process to process, in the words of RPC."""

import asyncio
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

import httpx

from shared.adapters import rpc_wire
from shared.personal import PersonalRecord, kind_of, record_of
from shared.rejection import CommandIdReused, Unavailable
from shared.settings import Settings
from shared.telemetry import trace

AWAY: Final = "资料保险库暂时连不上，请稍后用同一操作重试；已提交的内容不会丢失"
REUSED: Final = "这个操作编号已用于另一项内容，请刷新页面后重新提交"
SECONDS: Final = 10.0
MOST_AT_ONCE: Final = 200


class _Waiting(NamedTuple):
    record: dict[str, Any]
    kept: "asyncio.Future[str]"


class Vault:
    """For asyncio. Every method raises Unavailable while the vault is away."""

    def __init__(self, settings: Settings) -> None:
        self._http = httpx.AsyncClient(**_options(settings))
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def close(self) -> None:
        await self._http.aclose()

    async def keep(self, record_id: str, record: PersonalRecord, case: str = "") -> bool:
        """Store a record durably; True when it is new, False when the same was there before.

        `case` is the request it belongs to: a remark lies under the key of the person whom that
        is about. Raises CommandIdReused when the id holds something else.
        """
        said = {"id": record_id, "kind": kind_of(record), "case": case}
        waiting = _Waiting({**said, "fields": record.model_dump(mode="json")}, _future())
        self._waiting.append(waiting)
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        kept = await waiting.kept
        if kept == "other":
            raise CommandIdReused(REUSED)
        return kept == "new"

    async def masked(self, record_ids: Iterable[str]) -> dict[str, PersonalRecord]:
        """The records that exist, by id, as everybody who may see the case may see them."""
        ids = list(record_ids)
        found = await self._call("masked", ids=ids) if ids else {}
        return {id: record_of(one["kind"], one["fields"]) for id, one in found.items()}

    async def clear(self, record_id: str, position: int) -> dict[str, Any]:
        """One record's fields, for the look that the log has at `position`.

        Raises NotFound when it was erased, NotYours when no such look was just recorded.
        """
        fields: dict[str, Any] = await self._call("clear", id=record_id, position=position)
        return fields

    async def ends_with(self, record_id: str, tail: str) -> bool:
        """Whether the phone in a record ends so."""
        return bool(await self._call("ends_with", id=record_id, tail=tail))

    async def keep_file(
        self, file_id: str, case: str, fields: Mapping[str, Any], content: bytes
    ) -> None:
        """Store a file durably; repeating it changes nothing.

        Raises CommandIdReused when the id holds something else.
        """
        said = {"id": file_id, "case": case, "fields": fields}
        headers = {"content-type": "application/octet-stream", "kwargs": json.dumps(said)}
        kept = await self._send("keep_file", content, headers)
        if kept == "other":
            raise CommandIdReused(REUSED)

    async def file(self, file_id: str) -> bytes:
        """A file's content. Raises NotFound when it is gone."""
        content = await self._call("file", id=file_id)
        return bytes(content)

    async def forget(self, record_ids: Iterable[str]) -> None:
        """Take back records whose command was refused."""
        await self._call("forget", ids=list(record_ids))

    async def imports_key(self) -> bytes:
        """What fingerprints of imported rows are made with."""
        return bytes.fromhex(await self._call("imports_key"))

    async def _write(self) -> None:
        """One call after the other, each with everything that came during the one before."""
        while self._waiting:
            batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
            try:
                kept = await self._call("keep", records=[one.record for one in batch])
            except Exception as trouble:  # whatever it is, it is each waiting caller's answer
                for one in batch:
                    _answer(one.kept, trouble)
            else:
                for one, what in zip(batch, kept, strict=True):
                    _answer(one.kept, what)

    async def _call(self, method: str, **kwargs: Any) -> Any:
        return await self._send(method, rpc_wire.request(kwargs), {})

    async def _send(self, method: str, content: bytes, headers: Mapping[str, str]) -> Any:
        headers = {**headers, **_traced()}
        try:
            answer = await self._http.post(f"/{method}", content=content, headers=headers)
        except httpx.TransportError:
            raise Unavailable(AWAY) from None
        return _understood(method, answer)


class BlockingVault:
    """For threads, plain or green: what notices and the operator's commands ask."""

    def __init__(self, settings: Settings) -> None:
        self._http = httpx.Client(**_options(settings))

    def close(self) -> None:
        self._http.close()

    def phone(self, record_id: str, position: int) -> str | None:
        """Where to send a text about the fact at `position`; None when there is nobody."""
        phone: str | None = self._call("phone", id=record_id, position=position)
        return phone

    def rotate(self) -> dict[str, Any]:
        """Begin a new epoch of keys; `{epoch, done, left, is_turning}`."""
        return dict(self._call("rotate"))

    def rotation(self) -> dict[str, Any]:
        """How far the turning is."""
        return dict(self._call("rotation"))

    def _call(self, method: str, **kwargs: Any) -> Any:
        try:
            said = rpc_wire.request(kwargs)
            answer = self._http.post(f"/{method}", content=said, headers=_traced())
        except httpx.TransportError:
            raise Unavailable(AWAY) from None
        return _understood(method, answer)


def _options(settings: Settings) -> dict[str, Any]:
    return {
        "base_url": settings.vault_url,
        "headers": {"authorization": f"Bearer {settings.vault_token}"},
        "timeout": SECONDS,
        "trust_env": False,  # a proxy has no business in between
    }


def _traced() -> dict[str, str]:
    around = trace().get("correlation_id")
    return {"correlation-id": around} if around else {}


def _understood(method: str, answer: httpx.Response) -> Any:
    if answer.status_code != httpx.codes.OK:
        raise Unavailable(AWAY)
    if answer.headers.get("content-type") == "application/octet-stream":
        return answer.content
    return rpc_wire.understand("vault", method, answer.content)


def _future() -> "asyncio.Future[str]":
    return asyncio.get_running_loop().create_future()


def _answer(kept: "asyncio.Future[str]", outcome: str | Exception) -> None:
    """The caller may have gone away meanwhile."""
    if kept.done():
        return
    if isinstance(outcome, Exception):
        kept.set_exception(outcome)
    else:
        kept.set_result(outcome)
