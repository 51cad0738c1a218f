"""One whole demo county for all tests of the API, on real RabbitMQ and MongoDB."""

import json
from collections.abc import Iterator

import pytest
from pymongo import MongoClient

from deploy.local.private import Stack
from tests.integration.api.people import County
from tests.integration.deliveries.receiver import Receiver, receiver

SECRET = "a secret that is shared with the outside"


def outside(there: Receiver) -> dict[str, str]:
    """The endpoints of this county: a webhook and a text gateway, both on this machine."""
    common = {"secret": SECRET, "ports": [there.port]}
    wanted = ["RequestPlaced", "WorkOrderDispatched", "RequestCompleted", "ServiceRated"]
    endpoints = [
        {"endpoint_id": "platform", "url": there.url("/hook"), "types": wanted, **common},
        {"endpoint_id": "texts", "kind": "sms", "url": there.url("/sms"), **common},
    ]
    return {
        "ENDPOINTS": json.dumps(endpoints),
        "MAY_DELIVER_TO_LOOPBACK": "true",
        "PUBLIC_URL": "https://orders.example.org",
    }


@pytest.fixture(scope="session")
def county() -> Iterator[County]:
    with (
        receiver() as there,
        Stack(county="api", environment=outside(there), with_demo=True) as stack,
        MongoClient(stack.mongodb_uri) as mongo,
    ):
        patch = pytest.MonkeyPatch()
        patch.setenv("MONGODB_URI", stack.mongodb_uri)
        patch.setenv("AMQP_URI", stack.amqp_uri)
        patch.setenv("COUNTY", stack.county)
        county = County(stack, mongo, there)
        yield county
        county.leave()
        patch.undo()
