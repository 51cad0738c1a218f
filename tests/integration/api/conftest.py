"""One whole demo county for all tests of the API, on real RabbitMQ and MongoDB."""

from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from deploy.local.private import Stack
from tests.integration.api.people import County


@pytest.fixture(scope="session")
def county() -> Iterator[County]:
    with Stack(county="api", with_demo=True) as stack, MongoClient(stack.mongodb_uri) as mongo:
        patch = pytest.MonkeyPatch()
        patch.setenv("MONGODB_URI", stack.mongodb_uri)
        patch.setenv("AMQP_URI", stack.amqp_uri)
        patch.setenv("COUNTY", stack.county)
        county = County(stack, mongo)
        yield county
        county.leave()
        patch.undo()
