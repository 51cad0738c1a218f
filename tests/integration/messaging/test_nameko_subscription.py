"""`@subscription` in a real nameko service: own process, green threads, SIGTERM, kill -9."""

import subprocess

from tests.integration.messaging.conftest import Town, eventually


def recorder(town: Town) -> subprocess.Popen[bytes]:
    return town.spawn("tests.integration.messaging.recorder_service", INSTANCE="recorder-1")


def recorded(town: Town) -> list[int]:
    return [row["position"] for row in town.database["seen"].find()]


def test_the_method_gets_facts_in_order_and_stops_cleanly(town: Town) -> None:
    town.relay()
    before = [town.happen("R1") for _ in range(3)]
    service = recorder(town)
    eventually(lambda: recorded(town) == before)
    live = [town.happen("R1") for _ in range(20)]
    eventually(lambda: recorded(town) == before + live)
    eventually(lambda: town.broker.waiting(town.queue) == 0)
    service.terminate()
    assert service.wait(20) == 0
    assert town.checkpoints.load("policy") == live[-1]


def test_what_the_method_refuses_is_parked_and_other_streams_go_on(town: Town) -> None:
    town.relay()
    recorder(town)
    poison = town.happen("R1", is_closed=True)
    behind = town.happen("R1")
    other = town.happen("R2")
    eventually(lambda: recorded(town) == [other])
    eventually(lambda: len(town.parked.entries("policy")) == 2)
    first, second = town.parked.entries("policy")
    assert (first.position, first.state) == (poison, "parked")
    assert first.error.startswith("KeyError at recorder_service.py")
    assert (second.position, second.blocked_by) == (behind, poison)


def test_a_killed_service_goes_on_where_it_was(town: Town) -> None:
    town.relay()
    service = recorder(town)
    happened = [town.happen("R1") for _ in range(10)]
    eventually(lambda: set(recorded(town)) == set(happened))
    service.kill()
    service.wait()
    happened += [town.happen("R1") for _ in range(10)]
    recorder(town)
    eventually(lambda: set(recorded(town)) == set(happened))
    assert list(dict.fromkeys(recorded(town))) == happened
