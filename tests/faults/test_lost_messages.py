"""RabbitMQ may lose everything: what a queue forgets is read from the log."""

from collections.abc import Iterator

import pytest
from amqp import Channel

from services.ledger.domain.register import REGISTER
from tests.faults.county import County

REGISTER_QUEUE = f"ledger.{REGISTER.collection}"
QUEUES = (REGISTER_QUEUE, "dispatch.policy", "requests.policy")
BEFORE, AFTER = 12, 12
"""Writes acknowledged before the fault and after it, at least."""


@pytest.fixture
def channel(county: County) -> Iterator[Channel]:
    with county.broker() as connection:
        yield connection.channel()


def test_what_waited_for_a_stopped_consumer_is_purged(county: County, channel: Channel):
    ledger = county.stack.process("ledger")
    with county.load() as load:
        load.wait_for_more(BEFORE)
        ledger.stop()
        load.wait_for_more(2)
        purged = channel.queue_purge(REGISTER_QUEUE)
        ledger.start()
        load.wait_for_more(AFTER)
    assert purged > 0
    county.must_have_survived()


def test_queues_are_purged_again_and_again_while_they_are_consumed(
    county: County, channel: Channel
):
    with county.load() as load:
        for _ in range(AFTER):
            load.wait_for_more(1)
            for queue in QUEUES:
                channel.queue_purge(queue)
    county.must_have_survived()


def test_queues_are_deleted_while_they_are_consumed(county: County, channel: Channel):
    with county.load() as load:
        load.wait_for_more(BEFORE)
        for queue in QUEUES:
            channel.queue_delete(queue)
        load.wait_for_more(AFTER)
    for queue in QUEUES:
        assert channel.queue_declare(queue, passive=True).consumer_count > 0
    county.must_have_survived()
