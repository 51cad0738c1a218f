"""Subscriptions on a real broker and a real log: order, repair, parking."""

import subprocess
import sys
from collections.abc import Callable

import pytest

from deploy.local.private import private_rabbitmq
from deploy.parked import main
from shared.cloud_events import encode
from shared.lanes import Patience
from tests.integration.messaging.conftest import Town, eventually

PATIENT = Patience(poll=60)

CommandLine = Callable[..., str]


@pytest.fixture
def parked(
    town: Town, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> CommandLine:
    """What `python -m deploy.parked` answers."""
    monkeypatch.setenv("COUNTY", town.county)
    monkeypatch.setenv("MONGODB_URI", town.settings.mongodb_uri)

    def answer(*arguments: str) -> str:
        capsys.readouterr()
        assert main(list(arguments)) == 0
        return capsys.readouterr().out

    return answer


def test_facts_of_a_stream_come_in_order_while_lanes_run_side_by_side(town: Town) -> None:
    town.relay()
    town.subscribe(PATIENT)
    happened = [town.happen(f"R{number % 7}") for number in range(140)]
    eventually(lambda: len(town.seen) == 140)
    assert sorted(town.positions) == happened
    for stream in {fact.commit.stream for fact in town.seen}:
        versions = [fact.version for fact in town.seen if fact.commit.stream == stream]
        assert versions == sorted(versions)
    eventually(lambda: town.checkpoints.load("policy") == happened[-1])
    eventually(lambda: town.broker.waiting(town.queue) == 0)


def test_a_fact_is_the_same_by_message_and_by_log(town: Town) -> None:
    town.relay()
    town.subscribe(PATIENT)
    town.happen("R1")
    eventually(lambda: town.seen)
    assert town.seen == town.log.read_after(0).facts


def test_a_hole_is_filled_from_the_log_before_the_next_fact(town: Town) -> None:
    town.subscribe(PATIENT)
    first = town.happen("R1")
    second = town.happen("R1")
    fact = town.log.read_after(first).facts[0]
    town.broker.publish(
        town.queue, encode(fact, town.county, first, ""), "application/cloudevents+json"
    )
    eventually(lambda: town.positions == [first, second])


def test_a_purged_queue_is_repaired_without_any_later_message(town: Town) -> None:
    town.subscribe()
    town.end()  # the queue stays and fills
    town.relay()
    happened = [town.happen("R1") for _ in range(5)]
    eventually(lambda: town.broker.waiting(town.queue) == 5)
    assert town.broker.purge(town.queue) == 5
    town.subscribe()
    eventually(lambda: town.positions == happened)


def test_a_queue_that_is_deleted_under_it_is_declared_again(town: Town) -> None:
    town.relay()
    town.subscribe()
    first = town.happen("R1")
    eventually(lambda: town.positions == [first])
    town.broker.delete(town.queue)
    second = town.happen("R1")
    eventually(lambda: town.positions == [first, second])
    eventually(lambda: town.broker.waiting(town.queue) == 0)


def test_a_message_delivered_twice_is_handled_once(town: Town) -> None:
    town.relay()
    town.subscribe(PATIENT)
    first = town.happen("R1")
    eventually(lambda: town.positions == [first])
    again = encode(town.seen[0], town.county, 0, "")
    town.broker.publish(town.queue, again, "application/cloudevents+json")
    second = town.happen("R1")
    eventually(lambda: town.positions == [first, second])
    eventually(lambda: town.broker.waiting(town.queue) == 0)


def test_poison_is_parked_with_its_lane_and_the_command_line_retries_it(
    town: Town, parked: CommandLine
) -> None:
    town.relay()
    poison = town.happen("R1")
    town.refused.add(poison)
    behind = town.happen("R1")
    other = town.happen("R2")
    town.subscribe()
    eventually(lambda: town.positions == [other])
    eventually(lambda: len(town.parked.entries("policy")) == 2)
    listed = parked("list")
    assert f"{town.queue}  {poison}" in listed
    assert f"behind {poison}" in listed
    assert "SECRET" not in listed + parked("show", town.queue, str(poison))
    town.refused.clear()
    parked("retry", town.queue, str(behind))
    eventually(lambda: town.positions == [other, poison, behind])
    eventually(lambda: parked("list").strip() == "nothing is parked")


def test_a_discarded_fact_is_kept_with_who_and_why_and_releases_the_rest(
    town: Town, parked: CommandLine
) -> None:
    poison = town.happen("R1")
    town.refused.add(poison)
    behind = town.happen("R1")
    town.subscribe()
    eventually(lambda: len(town.parked.entries("policy")) == 2)
    parked("discard", town.queue, str(poison), "--by", "duty", "--why", "entered twice")
    eventually(lambda: town.positions == [behind])
    assert "entered twice" in parked("show", town.queue, str(poison))
    town.end()
    town.database["checkpoints"].delete_many({})  # as if nothing had been stored
    town.subscribe()
    eventually(lambda: town.positions == [behind, behind])
    assert poison not in town.positions


def test_what_is_parked_stays_parked_over_a_restart(town: Town) -> None:
    poison = town.happen("R1")
    town.refused.add(poison)
    town.subscribe()
    eventually(lambda: len(town.parked.entries("policy")) == 1)
    town.end()
    town.refused.clear()
    behind = town.happen("R1")
    town.subscribe()
    eventually(lambda: len(town.parked.entries("policy")) == 2)
    assert town.positions == []
    assert town.parked.entries("policy")[1].position == behind


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"no json", "application/cloudevents+json"),
        (b'{"specversion":"1.0"}', "application/cloudevents+json"),
        (b"{}", "text/plain"),
        (b"\x00\xff" * 50_000, "application/octet-stream"),
    ],
)
def test_a_malformed_message_is_parked_and_acknowledged(
    town: Town, body: bytes, content_type: str
) -> None:
    town.relay()
    town.subscribe(PATIENT)
    town.broker.publish(town.queue, body, content_type)
    eventually(lambda: [row["kind"] for row in town.parked.everything()] == ["malformed"])
    happened = town.happen("R1")
    eventually(lambda: town.positions == [happened])
    eventually(lambda: town.broker.waiting(town.queue) == 0)


def test_a_broker_that_restarts_loses_nothing(town: Town) -> None:
    shared_broker = town.broker.uri
    with private_rabbitmq() as broker:
        town.settings = town.settings.model_copy(update={"amqp_uri": broker.uri})
        town.broker.uri = broker.uri
        town.relay()
        town.subscribe()
        happened = [town.happen("R1")]
        eventually(lambda: town.positions == happened)
        broker.kill()
        happened.append(town.happen("R1"))
        eventually(lambda: town.positions == happened)  # without any broker
        broker.start()
        happened.append(town.happen("R1"))
        eventually(lambda: town.positions == happened)
        eventually(lambda: town.broker.waiting(town.queue) == 0)
        town.end()
    town.broker.uri = shared_broker


def test_the_command_line_explains_itself() -> None:
    for module in ("deploy.parked", "services.relay"):
        said = subprocess.run(
            [sys.executable, "-m", module, "--help"], capture_output=True, check=True
        )
        assert b"usage: python -m " + module.encode() in said.stdout
