"""Signed-in demo accounts that call like a phone on a bad network: again until they are answered.

Every write keeps its Idempotency-Key over all its tries, and the book remembers how it ended.
"""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from deploy.demo.signing_in import read_accounts, until_in

PATIENCE = 90.0
"""Seconds after which an unanswered call is a failure of the stack."""

PAUSE = 0.25
TIMEOUT = 5.0
"""Seconds: shorter than the gateway's own, so that many tries overlap with the one before."""

UNANSWERED = 503
Json = dict[str, Any]


class Refused(Exception):  # noqa: N818 - a refusal is an answer
    """A definite no, with its status and problem code."""


class GivenUp(AssertionError):  # noqa: N818 - reads as what happened
    """No answer for good within PATIENCE."""


class Acknowledged(NamedTuple):
    """A write that was answered with success, and enough to send it again."""

    account: str
    key: str
    path: str
    body: Json
    position: int


@dataclass
class Book:
    """What was answered for good, by command id."""

    acknowledged: dict[str, Acknowledged] = field(default_factory=dict)
    refused: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, write: Acknowledged) -> None:
        with self._lock:
            self.acknowledged[f"{write.account}:{write.key}"] = write

    def refuse(self, command_id: str, code: str) -> None:
        with self._lock:
            self.refused[command_id] = code


def new_client(url: str, timeout: float = TIMEOUT) -> httpx.Client:
    return httpx.Client(base_url=url, timeout=timeout, verify=False, trust_env=False)


def sign_in(url: str, accounts: Path, names: set[str]) -> dict[str, str]:
    """The session cookie of each account."""
    entries = read_accounts(accounts)
    cookies = {}
    for name in sorted(names):
        with new_client(url) as client:
            until_in(_knocking(client), entries[name]).raise_for_status()
            cookies[name] = client.cookies["session"]
    return cookies


def _knocking(client: httpx.Client) -> Callable[[dict[str, str]], httpx.Response]:
    return lambda body: client.post("/api/v1/session", json=body)


class Person:
    """One account, used by one thread."""

    def __init__(self, url: str, account: str, cookie: str, book: Book) -> None:
        self.account = account
        self._book = book
        self._client = new_client(f"{url}/api/v1/")
        self._headers = {"Cookie": f"session={cookie}"}

    def close(self) -> None:
        self._client.close()

    def once(self, method: str, path: str, key: str = "", body: Json | None = None) -> Any:
        """One try; the bare response. Raises httpx.TransportError."""
        headers = self._headers | ({"Idempotency-Key": key} if key else {})
        return self._client.request(method, path, json=body, headers=headers)

    def write(self, path: str, **body: Any) -> Json:
        """Send until it is answered, always with the same key. Raises Refused, GivenUp."""
        return self.write_again(path, uuid.uuid4().hex, body)

    def write_again(self, path: str, key: str, body: Json) -> Json:
        """A write whose key is known already."""
        answer = self._patiently("POST", path, key, body)
        said: Json = answer.json()
        if answer.is_success:
            self._book.acknowledge(Acknowledged(self.account, key, path, body, said["position"]))
            return said
        self._book.refuse(f"{self.account}:{key}", said["code"])
        raise Refused(f"{path}: {answer.status_code} {said}")

    def read(self, path: str) -> Json:
        """Ask until it is answered. Raises Refused, GivenUp."""
        answer = self._patiently("GET", path)
        if not answer.is_success:
            raise Refused(f"{path}: {answer.status_code} {answer.text}")
        found: Json = answer.json()
        return found

    def wait_until_case_is(self, request_id: str, **wanted: object) -> Json:
        """The register's row of a request once it is as wanted; it may lag behind."""
        until = time.monotonic() + PATIENCE
        while True:
            answer = self._patiently("GET", f"requests/{request_id}")
            row: Json = answer.json()
            if answer.is_success and wanted.items() <= row.items():
                return row
            if time.monotonic() > until:
                raise GivenUp(f"{request_id} is not {wanted}: {row}")
            time.sleep(PAUSE)

    def _patiently(self, method: str, path: str, key: str = "", body: Json | None = None) -> Any:
        until, answer = time.monotonic() + PATIENCE, None
        while time.monotonic() < until:
            try:
                answer = self.once(method, path, key, body)
            except httpx.TransportError as trouble:
                answer = trouble
            else:
                if answer.status_code != UNANSWERED:
                    return answer
            time.sleep(PAUSE)
        raise GivenUp(f"{method} {path} by {self.account}: {answer!r}")
