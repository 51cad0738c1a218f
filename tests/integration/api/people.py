"""The demo county's people at their keyboards: signed-in clients of a running system."""

import contextlib
import json
import os
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from deploy.demo.signing_in import read_accounts, until_in
from deploy.local.private import Stack
from deploy.local.program import ROOT, python
from deploy.local.vault import with_keys
from deploy.local.waiting import wait_until
from deploy.verify import main as verify_main
from shared.adapters.mongo_vault import VaultStore, open_vault
from shared.adapters.rpc_client_blocking import BlockingRpcClient
from shared.calendar import beijing_day
from shared.contracts.accounts import DisableAccount
from shared.contracts.actor import Actor
from shared.handling import Instruction, to_wire
from shared.settings import Settings
from tests.integration.deliveries.receiver import Receiver

PATIENCE_SECONDS = 20.0


@dataclass
class Person:
    """One account, signed in."""

    http: httpx.Client
    last_post: dict[str, Any] = field(default_factory=dict)

    def post(self, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        """A write that has to succeed."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        self.last_post = {"url": f"/api/v1{path}", "json": body or {}, "headers": headers}
        return self.repeat_last_post()

    def repeat_last_post(self) -> dict[str, Any]:
        answer = self.http.post(**self.last_post)
        assert answer.is_success, answer.text
        said: dict[str, Any] = answer.json()
        return said

    def try_post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """A write that may be refused."""
        headers = {"Idempotency-Key": uuid.uuid4().hex, **headers}
        return self.http.post(f"/api/v1{path}", json=body, headers=headers)

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.http.get(f"/api/v1{path}", **options)

    def try_to(self, path: str, body: Any = None) -> httpx.Response:
        """A write that the rules are expected to refuse."""
        return self.try_post(path, body or {})

    def wait(self, path: str, version_position: int = 0, **wanted: Any) -> dict[str, Any]:
        """The case as soon as it is as wanted, and the position its story ends at."""
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            answer = self.get(path, params={"at_least": version_position})
            if answer.is_success and is_as_wanted(answer.json(), wanted):
                last = self.get(f"{path}/story").json()["entries"][-1]["position"]
                return {**answer.json(), "version_position": last}
            assert time.monotonic() < until, f"not {wanted} in time: {answer.text}"
            time.sleep(0.05)

    def events(self, after: int, until: int, **params: Any) -> list[dict[str, Any]]:
        """What the event stream says behind one position and up to another."""
        seen: list[dict[str, Any]] = []
        headers = {"Last-Event-ID": str(after)}
        with self.http.stream("GET", "/api/v1/events", headers=headers, params=params) as stream:
            for line in stream.iter_lines():
                if line.startswith("data: "):
                    seen.append(json.loads(line.removeprefix("data: ")))
                    if seen[-1]["position"] >= until:
                        return seen
        return seen


def is_as_wanted(found: Any, wanted: Any) -> bool:
    """Whether everything that is wanted is found; in a record, its other fields do not matter."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(
            is_as_wanted(found.get(name), value) for name, value in wanted.items()
        )
    return bool(found == wanted)


def days_ahead(count: int) -> str:
    """A Beijing day to come, as forms send it."""
    return beijing_day(datetime.now(UTC) + timedelta(days=count))


def _is_ready(port: int) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/readyz", trust_env=False).is_success
    return False


@dataclass
class County:
    """A running demo county."""

    stack: Stack
    mongo: MongoClient[dict[str, Any]]
    outside: Receiver
    """Where this county's webhook and text gateway are."""
    people: dict[str, Person] = field(default_factory=dict)

    @property
    def vault(self) -> VaultStore:
        """The county's vault, opened from outside with its keys."""
        settings = Settings(county=self.stack.county)
        return open_vault(self.mongo, with_keys(self.stack.folder / "vault", settings))

    def person(self, name: str) -> Person:
        if name not in self.people:
            self.people[name] = self.sign_in(name)
        return self.people[name]

    def sign_in(self, name: str) -> Person:
        http = httpx.Client(base_url=self.stack.gateway_url, timeout=20)
        entry = read_accounts(self.accounts)[name]
        answer = until_in(lambda body: http.post("/api/v1/session", json=body), entry)
        assert answer.is_success, answer.text
        return Person(http)

    @contextlib.contextmanager
    def another_gateway(self, port: int, **environment: str) -> Iterator[None]:
        """A second gateway process beside the stack's own, with settings of its own."""
        where = self.stack.addresses.environment()
        argv = python("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py")
        bind = ("--no-control-socket", "--bind", f"127.0.0.1:{port}")
        running = subprocess.Popen(
            (*argv, *bind, "services.gateway.app:app"),
            env={**os.environ, **where, **environment, "HEALTH_PORT": "0"},
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
        )
        try:
            wait_until(lambda: _is_ready(port), "the other gateway being ready", 60)
            yield
        finally:
            running.terminate()
            running.wait(timeout=30)

    def leave(self) -> None:
        """Everybody goes home."""
        for person in self.people.values():
            person.http.close()

    def password(self, name: str) -> str:
        return str(read_accounts(self.accounts)[name]["password"])

    def disable(self, name: str) -> None:
        """What a set-up tool may do."""
        by = Actor(account_id="accounts-setup", role="security_administrator")
        command = DisableAccount(at=datetime.now(UTC), by=by, account_id=name, reason="left_post")
        rpc = BlockingRpcClient(self.stack.amqp_uri)
        rpc.call("accounts", "handle", to_wire(Instruction(command, uuid.uuid4().hex)))
        rpc.close()

    @staticmethod
    def until(is_so: Callable[[], bool]) -> None:
        """Wait for something to become true."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not is_so():
            assert time.monotonic() < end, "not in time"
            time.sleep(0.1)

    @property
    def accounts(self) -> Path:
        """Where their passwords are."""
        return self.stack.folder / "accounts.json"

    def head(self) -> int:
        """How many events there are. (Other tests' policies and timers may still be writing.)"""
        return self.mongo[f"{self.stack.county}_log"].commits.count_documents({})

    def log_entry(self, position: int) -> dict[str, Any]:
        found = self.mongo[f"{self.stack.county}_log"].commits.find_one({"_id": position})
        assert found is not None
        return found

    def vocabulary(self) -> dict[str, Any]:
        """What docs/one-request.md may say."""
        return {
            "sign_in": self.person,
            "log_entry": self.log_entry,
            "filters": lambda figure: {k: v for k, v in figure["wanted"].items() if v is not None},
            "days_ahead": days_ahead,
            "verify": lambda: verify_main(["--wait", "20"]),
        }
