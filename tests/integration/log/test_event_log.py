"""What every log promises: shared.event_log.EventLog, against the twin and against MongoDB."""

import threading
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from shared.adapters.mongo_log import MongoLog
from shared.event_log import Appended, EventLog, StreamConflict
from shared.rejection import CommandIdReused
from shared.testing.memory_log import MemoryLog
from shared.verify_log import verify
from tests.integration.log.writing import assigned, commit, relieved, write_many


def stored(log: EventLog) -> Iterable[dict[str, Any]]:
    if isinstance(log, MongoLog):
        return log.commits.find(sort=[("_id", 1)])
    assert isinstance(log, MemoryLog)
    return log.commits


def all_at_once(*acts: Callable[[], Appended]) -> list[Appended | Exception]:
    """What each of the acts, all started together, returned or raised."""
    outcomes: list[Appended | Exception] = []
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], Appended]) -> None:
        start.wait()
        try:
            outcomes.append(act())
        except (StreamConflict, CommandIdReused) as refused:
            outcomes.append(refused)

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def test_an_empty_log_has_nothing(log: EventLog) -> None:
    assert log.head() == 0
    assert log.read_after(0) == ([], 0)
    assert log.read_stream("area-1") == []
    assert not log.wait_for_more(0, 0.01)


def test_events_of_one_commit_stand_side_by_side(log: EventLog) -> None:
    first = log.append(commit("area-1", 0, assigned(), relieved()))
    second = log.append(commit("area-2", 0))
    third = log.append(commit("area-1", 2))
    assert first == ("area-1", 2, 2, False)
    assert second == ("area-2", 3, 1, False)
    assert third == ("area-1", 4, 3, False)
    facts = log.read_stream("area-1")
    assert [(f.position, f.version) for f in facts] == [(1, 1), (2, 2), (4, 3)]
    assert [f.event for f in facts] == [assigned(), relieved(), assigned()]
    assert log.head() == 4


def test_who_read_an_older_version_is_told(log: EventLog) -> None:
    log.append(commit("area-1", 0, assigned(), relieved()))
    for wrong in (0, 1, 3):
        with pytest.raises(StreamConflict):
            log.append(commit("area-1", wrong))
    assert log.append(commit("area-1", 2)).version == 3


def test_a_repeated_command_happens_once(log: EventLog) -> None:
    once = commit("area-1", 0, assigned(), relieved(), command_id="c1")
    first = log.append(once)
    log.append(commit("area-1", 2))
    assert log.append(once) == first._replace(is_repeat=True)
    later = commit("area-1", 3, command_id="c1")
    assert log.append(later) == first._replace(is_repeat=True)
    assert log.head() == 3


def test_a_command_id_cannot_mean_something_else(log: EventLog) -> None:
    log.append(commit("area-1", 0, command_id="c1"))
    with pytest.raises(CommandIdReused):
        log.append(commit("area-2", 0, command_id="c1", digest="d2"))
    assert log.head() == 1


def test_of_many_at_the_same_place_one_wins(log: EventLog) -> None:
    rivals = [commit("area-1", 0) for _ in range(16)]
    others = [commit(f"area-{n}", 0) for n in range(2, 10)]
    outcomes = all_at_once(*(lambda c=c: log.append(c) for c in rivals + others))
    assert sum(isinstance(outcome, StreamConflict) for outcome in outcomes) == 15
    assert log.head() == 9


def test_of_many_with_the_same_command_one_is_new(log: EventLog) -> None:
    asked = commit("area-1", 0, command_id="c1")
    outcomes = all_at_once(*[lambda: log.append(asked)] * 16)
    assert sorted(outcomes, key=str) == [("area-1", 1, 1, False)] + [("area-1", 1, 1, True)] * 15


def test_many_writers_leave_no_gap_and_an_unbroken_chain(log: EventLog) -> None:
    write_many(log, writers=32, each=10)
    assert verify(stored(log)) == (320, 480, None)
    assert [fact.position for fact in log.read_after(0).facts] == list(range(1, 481))


def test_reading_starts_anywhere_and_goes_on_where_it_stopped(log: EventLog) -> None:
    write_many(log, writers=1, each=20)
    for start in range(31):
        position, seen = start, list[int]()
        while (page := log.read_after(position, limit=4)).facts:
            seen += [fact.position for fact in page.facts]
            position = page.reached
        assert seen == list(range(start + 1, 31))
        assert page.reached == max(start, 30)


def test_reading_some_types_says_how_far_it_looked(log: EventLog) -> None:
    write_many(log, writers=1, each=4)
    some = frozenset({"GridWorkerRelieved"})
    assert [(f.position) for f in log.read_after(0, types=some).facts] == [3, 6]
    assert log.read_after(0, types=some).reached == 6
    assert [fact.position for fact in log.read_after(2, types=some).facts] == [3, 6]
    first = log.read_after(0, limit=1, types=some)
    assert ([fact.position for fact in first.facts], first.reached) == ([3], 3)
    log.append(commit("area-9", 0))
    assert log.read_after(6, types=some) == ([], 7)
    assert log.read_after(0, types=frozenset()) == ([], 7)


def test_the_doorbell_rings(log: EventLog) -> None:
    writer = threading.Timer(0.2, lambda: log.append(commit("area-1", 0)))
    writer.start()
    assert log.wait_for_more(0, timeout=5)
    assert not log.wait_for_more(1, timeout=0.2)
    writer.join()
