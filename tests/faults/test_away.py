"""No RabbitMQ, MongoDB or vault: a clear 503, and work goes on by itself when they return."""

import time
import uuid
from typing import Any

import httpx
import pytest

from tests.faults.county import County
from tests.faults.load import ROUTES

ROUTE = ROUTES[0]
PLACE = {
    "grid_id": ROUTE.grid_id,
    "service_code": ROUTE.service_code,
    "beneficiary_category": ROUTE.beneficiary_category,
    "particulars": {"name": "王小明", "phone": "13812345678", "address": "东门路12号"}
    | {"text": "需要上门服务"},
}


def says_when_to_come_back(answer: httpx.Response) -> bool:
    said: dict[str, Any] = answer.json()
    return (
        answer.status_code == 503
        and int(answer.headers["Retry-After"]) > 0
        and answer.headers["Content-Type"] == "application/problem+json"
        and said["code"] == "unavailable"
    )


@pytest.mark.parametrize("name", ["mongodb", "rabbitmq"])
def test_a_call_is_answered_503_until_it_can_be_served(county: County, name: str):
    process, key = county.stack.process(name), uuid.uuid4().hex
    worker = county.person(ROUTE.worker)
    try:
        process.stop()
        began = time.monotonic()
        assert says_when_to_come_back(worker.once("POST", "requests", key, PLACE))
        assert says_when_to_come_back(worker.once("GET", "requests"))
        assert time.monotonic() - began < 30
        assert httpx.get(f"{county.stack.gateway_url}/livez").status_code == 200
        process.start()
        placed = worker.write_again("requests", key, PLACE)
        worker.wait_until_case_is(placed["request_id"], status="placed")
    finally:
        worker.close()
    county.must_have_survived()


def test_without_the_vault_nothing_is_placed_and_nothing_is_lost(county: County):
    vault, key = county.stack.process("vault"), uuid.uuid4().hex
    worker = county.person(ROUTE.worker)
    try:
        vault.stop()
        assert says_when_to_come_back(worker.once("POST", "requests", key, PLACE))
        assert worker.once("GET", "grids").status_code == 200  # what is about nobody goes on
        vault.start()
        placed = worker.write_again("requests", key, PLACE)
        worker.wait_until_case_is(placed["request_id"], status="placed")
    finally:
        worker.close()
    county.must_have_survived()
