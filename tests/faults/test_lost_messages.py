"""RabbitMQ may lose everything: what a queue forgets is read from the log."""

from services.ledger.domain.register import REGISTER
from tests.faults.county import County

REGISTER_QUEUE = f"ledger.{REGISTER.collection}"
QUEUES = (REGISTER_QUEUE, "dispatch.policy", "requests.policy")
BEFORE, AFTER = 12, 12
"""Writes acknowledged before the fault and after it, at least."""


def test_what_waited_for_a_stopped_consumer_is_purged(county: County):
    ledger, cast = county.stack.process("ledger"), county.cast()
    with county.load() as load:
        load.wait_for_more(BEFORE)
        ledger.stop()
        try:
            cast.place()
            cast.place()
            with county.broker() as channel:
                purged = channel.queue_purge(REGISTER_QUEUE)
        finally:
            ledger.start()
            cast.close()
        load.wait_for_more(AFTER)
    assert purged > 0
    county.must_have_survived()


def test_queues_are_purged_again_and_again_while_they_are_consumed(county: County):
    with county.load() as load:
        for _ in range(AFTER):
            load.wait_for_more(1)
            with county.broker() as channel:
                for queue in QUEUES:
                    channel.queue_purge(queue)
    county.must_have_survived()


def test_queues_are_deleted_while_they_are_consumed(county: County):
    with county.load() as load:
        load.wait_for_more(BEFORE)
        with county.broker() as channel:
            for queue in QUEUES:
                channel.queue_delete(queue)
        load.wait_for_more(AFTER)
    with county.broker() as channel:
        for queue in QUEUES:
            assert channel.queue_declare(queue, passive=True).consumer_count > 0
    county.must_have_survived()
