"""What somebody has read."""

from services.notices.domain.reader import notice_reader, read_marks
from shared.contracts.actor import Actor
from shared.contracts.notices import MarkNoticesRead, NoticesRead
from shared.rejection import InvalidInput
from shared.testing.facts import NOON, log_of
from shared.testing.spec import given_for
from shared.views import rebuild

HEAD = 100
ME = Actor(account_id="me", role="leader")
given = given_for(notice_reader, HEAD)


def mark(up_to: int = 0, *positions: int) -> MarkNoticesRead:
    return MarkNoticesRead(at=NOON, by=ME, up_to=up_to, positions=positions)


def read(up_to: int = 0, *positions: int) -> NoticesRead:
    return NoticesRead(account_id="me", up_to=up_to, positions=positions)


def test_everything_up_to_a_position_is_read():
    given().when(mark(40)).then(read(40))


def test_single_notices_are_read():
    given(read(40)).when(mark(0, 41, 50)).then(read(40, 41, 50))


def test_reading_again_is_not_news():
    given(read(40, 50)).when(mark(30)).then_nothing_happens()
    given(read(40, 50)).when(mark(0, 50, 12)).then_nothing_happens()


def test_what_has_not_happened_cannot_have_been_read():
    given().when(mark(HEAD + 1)).then_rejected(InvalidInput, "up_to")
    given().when(mark(0, HEAD + 1)).then_rejected(InvalidInput, "up_to")


def test_it_concerns_the_reader_alone():
    assert given(read(40)).audience == ("account:me",)


def test_the_view_agrees():
    row = rebuild(read_marks, log_of(read(0, 5, 9), read(6, 8)))["me"]
    assert (row.up_to, row.also) == (6, (8, 9))
    assert [row.has_read(at) for at in (5, 6, 7, 8, 9)] == [True, True, False, True, True]
