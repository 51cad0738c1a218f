"""Both logs under one name, so every promise is tested against the twin and the real one."""

from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from shared.adapters.mongo import Document, create_log_indexes
from shared.adapters.mongo_log import MongoLog
from shared.event_log import EventLog
from shared.testing.memory_log import MemoryLog


@pytest.fixture
def mongo_log(mongodb: MongoClient[Document], county: str) -> Iterator[MongoLog]:
    create_log_indexes(mongodb[f"{county}_log"])
    log = MongoLog(mongodb, f"{county}_log", deadline=20)
    yield log
    log.close()


@pytest.fixture(params=["memory", "mongo"])
def log(request: pytest.FixtureRequest) -> EventLog:
    if request.param == "memory":
        return MemoryLog()
    real: MongoLog = request.getfixturevalue("mongo_log")
    return real
