"""What a nameko service is given: the county's log, and its own views."""

from functools import cache
from typing import Any

from nameko.extensions import DependencyProvider
from pymongo import MongoClient

from shared.adapters.mongo import connect, create_log_indexes
from shared.adapters.mongo_checkpoints import MongoCheckpoints
from shared.adapters.mongo_log import MongoLog
from shared.adapters.mongo_views import ViewStore
from shared.settings import Settings
from shared.views import AnyView


@cache
def process_client(settings: Settings) -> MongoClient[dict[str, Any]]:
    """One client per process: its pool serves the log, the views and the checkpoints."""
    return connect(settings.mongodb_uri, settings.instance or "service")


@cache
def process_log(settings: Settings) -> MongoLog:
    """One log per process, so that all its appends are committed in groups."""
    client = process_client(settings)
    create_log_indexes(client[settings.database("log")])
    return MongoLog(client, settings.database("log"), settings.command_deadline)


class Log(DependencyProvider):
    """`log = Log()`: an EventLog."""

    def setup(self) -> None:
        self._log = process_log(Settings())

    def get_dependency(self, worker_ctx: Any) -> MongoLog:  # noqa: ARG002 - nameko hands it
        return self._log


class Rows(DependencyProvider):
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


class Progress(DependencyProvider):
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
