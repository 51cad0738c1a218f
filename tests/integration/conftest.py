"""Real MongoDB for integration tests: `make test` starts one and tells us through MONGODB_URI."""

import os
import uuid
from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from shared.adapters.mongo import Document, connect


@pytest.fixture(scope="session")
def mongodb_uri() -> str:
    """MONGODB_URI. Without it a run in CI fails, and any other says aloud what it left out."""
    uri = os.environ.get("MONGODB_URI", "")
    if uri:
        return uri
    if os.environ.get("CI"):
        pytest.fail("MONGODB_URI is not set: in CI the integration tests must run")
    pytest.skip("MONGODB_URI IS NOT SET: nothing was tested against MongoDB; use `make test`")


@pytest.fixture(scope="session")
def mongodb(mongodb_uri: str) -> Iterator[MongoClient[Document]]:
    with connect(mongodb_uri, "tests") as client:
        yield client


@pytest.fixture
def county(mongodb: MongoClient[Document]) -> Iterator[str]:
    """A county of its own for one test; all its databases are dropped afterwards."""
    name = f"t{uuid.uuid4().hex[:12]}"
    yield name
    for database in mongodb.list_database_names():
        if database.startswith(f"{name}_"):
            mongodb.drop_database(database)
