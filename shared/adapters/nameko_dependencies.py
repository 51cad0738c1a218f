"""What a nameko service is given: the county's log, and its own views."""

import threading
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from typing import Any, TypeVar

from nameko.extensions import DependencyProvider
from pymongo import MongoClient
from pymongo.database import Database

from shared import telemetry
from shared.adapters.mongo import connect, create_log_indexes
from shared.adapters.mongo_checkpoints import MongoCheckpoints
from shared.adapters.mongo_lease import MongoLease, owner_of
from shared.adapters.mongo_log import MongoLog
from shared.adapters.mongo_vault import VaultStore, open_vault
from shared.adapters.mongo_views import ViewStore
from shared.adapters.remembered import Remembered
from shared.adapters.rpc_client_blocking import BlockingRpcClient
from shared.adapters.vault_adoption import adopt
from shared.adapters.vault_client import BlockingVault
from shared.lease import Tenure
from shared.rejection import Unavailable
from shared.settings import Settings
from shared.views import AnyView

T = TypeVar("T")


def once_per_process(make: Callable[[Settings], T]) -> Callable[[Settings], T]:
    """Make it when it is first asked for. Extensions are set up side by side, and functools.cache
    would make one for each that asks before the first is made."""
    lock = threading.Lock()
    made: dict[Settings, T] = {}

    @wraps(make)
    def given(settings: Settings) -> T:
        with lock:
            if settings not in made:
                made[settings] = make(settings)
            return made[settings]

    return given


@once_per_process
def process_client(settings: Settings) -> MongoClient[dict[str, Any]]:
    """One client per process: its pool serves the log, the views and the checkpoints."""
    return connect(settings.mongodb_uri, settings.instance or "service")


@once_per_process
def process_log(settings: Settings) -> MongoLog:
    """One log per process, so that all its appends are committed in groups."""
    client = process_client(settings)
    create_log_indexes(client[settings.database("log")])
    return MongoLog(client, settings.database("log"), settings.command_deadline)


@once_per_process
def process_vault(settings: Settings) -> VaultStore:
    """One vault per process."""
    return open_vault(process_client(settings), settings)


class Log(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`log = Log()`: an EventLog."""

    def setup(self) -> None:
        self._log = process_log(Settings())

    def get_dependency(self, worker_ctx: Any) -> MongoLog:  # noqa: ARG002 - nameko hands it
        return self._log


class Rows(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`register = Rows(REGISTER, "ledger")`: the ViewStore of a view in the service's database."""

    def __init__(self, view: AnyView, database: str) -> None:
        self._view = view
        self._database = database

    def setup(self) -> None:
        settings = Settings()
        database = process_client(settings)[settings.database(self._database)]
        self._store = ViewStore(database, self._view)
        self._store.create_indexes()

    def get_dependency(self, worker_ctx: Any) -> "ViewStore[Any]":  # noqa: ARG002 - nameko hands it
        return self._store


class Kept(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`links = Kept(SecretLinks, "notices")`: what keeps something beside the views."""

    def __init__(self, make: Callable[[Database[dict[str, Any]]], Any], database: str) -> None:
        self._make = make
        self._database = database

    def setup(self) -> None:
        settings = Settings()
        self._kept = self._make(process_client(settings)[settings.database(self._database)])

    def get_dependency(self, worker_ctx: Any) -> Any:  # noqa: ARG002 - nameko hands it
        return self._kept


class Progress(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`progress = Progress("ledger")`: how far the views of a database have come."""

    def __init__(self, database: str) -> None:
        self._database = database

    def setup(self) -> None:
        settings = Settings()
        database = process_client(settings)[settings.database(self._database)]
        self._checkpoints = MongoCheckpoints(database)

    def get_dependency(self, worker_ctx: Any) -> "Progress":  # noqa: ARG002 - nameko hands it
        return self

    def of(self, view: AnyView) -> int:
        """Everything up to this position is in the view."""
        return self._checkpoints.load(view.collection)


class Memory(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`measured = Memory(MEASURES, "ledger")`: a Remembered of the view, one for all workers."""

    def __init__(self, view: AnyView, database: str) -> None:
        self._view = view
        self._database = database

    def setup(self) -> None:
        settings = Settings()
        database = process_client(settings)[settings.database(self._database)]
        checkpoints, subscription = MongoCheckpoints(database), self._view.collection
        self._remembered: Remembered[Any, Any] = Remembered(
            ViewStore(database, self._view), lambda: checkpoints.load(subscription)
        )

    def get_dependency(self, worker_ctx: Any) -> Remembered[Any, Any]:  # noqa: ARG002 - nameko hands it
        return self._remembered


class LeaseHeld(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`tenure = LeaseHeld("timers")`: a Tenure of the lease of that name, one holder at a time.

    A database with several leases gives each a `name`.
    """

    def __init__(self, database: str, name: str = "") -> None:
        self._database = database
        self._name = name or database

    def setup(self) -> None:
        settings = Settings()
        database = process_client(settings)[settings.database(self._database)]
        self._tenure = Tenure(MongoLease(database, self._name), owner_of(settings))

    def stop(self) -> None:
        with suppress(Unavailable):
            self._tenure.release()

    def get_dependency(self, worker_ctx: Any) -> Tenure:  # noqa: ARG002 - nameko hands it
        return self._tenure


class Calls(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`calls = Calls()`: a client for commands to another service."""

    def setup(self) -> None:
        self._client = BlockingRpcClient(Settings().amqp_uri)

    def stop(self) -> None:
        self._client.close()

    def get_dependency(self, worker_ctx: Any) -> BlockingRpcClient:  # noqa: ARG002 - nameko hands it
        return self._client


class Vault(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`store = Vault()`: the VaultStore of the county, with its folder of keys."""

    def setup(self) -> None:
        settings = Settings()
        self._store = process_vault(settings)
        self._store.create_indexes()
        people = process_client(settings)[settings.database("people")]
        adopt(people, process_log(settings), self._store, _told)

    def get_dependency(self, worker_ctx: Any) -> VaultStore:  # noqa: ARG002 - nameko hands it
        return self._store


def _told(count: int) -> None:
    telemetry.get_logger().info("sealing what was kept in clear", count=count)


class Phones(DependencyProvider):  # type: ignore[misc]  # nameko has no types
    """`vault = Phones()`: the vault, for somebody who may ask it where to send a text."""

    def setup(self) -> None:
        self._vault = BlockingVault(Settings())

    def stop(self) -> None:
        self._vault.close()

    def get_dependency(self, worker_ctx: Any) -> BlockingVault:  # noqa: ARG002 - nameko hands it
        return self._vault
