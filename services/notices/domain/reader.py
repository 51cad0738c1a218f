"""What one account has read: everything up to a position, and some beyond it."""

from dataclasses import dataclass

from shared.contracts.notices import MarkNoticesRead, NoticesRead
from shared.decider import Decider
from shared.event_log import Recorded
from shared.rejection import InvalidInput
from shared.views import Row, View


@dataclass(frozen=True)
class Reader:
    account_id: str = ""
    up_to: int = 0
    also: frozenset[int] = frozenset()


def decide(command: MarkNoticesRead, reader: Reader, head: int) -> list[NoticesRead]:
    """`head` is the end of the log: what has not happened cannot have been read."""
    up_to = max(reader.up_to, command.up_to)
    new = {at for at in command.positions if at > up_to} - reader.also
    if max(up_to, *new, 0) > head:
        raise InvalidInput("还没有这条通知，请刷新后再操作", up_to="请使用通知列表中的位置")
    if up_to == reader.up_to and not new:
        return []
    id = command.by.account_id
    return [NoticesRead(account_id=id, up_to=up_to, positions=tuple(sorted(new)))]


def evolve(reader: Reader, event: NoticesRead) -> Reader:
    also = {at for at in (*reader.also, *event.positions) if at > event.up_to}
    return Reader(event.account_id, event.up_to, frozenset(also))


def audience(reader: Reader) -> tuple[str, ...]:
    return (f"account:{reader.account_id}",)


notice_reader = Decider("notice_reader", Reader(), decide, evolve, audience)


class ReadMark(Row):
    """The notices that one account has read."""

    account_id: str
    up_to: int = 0
    also: tuple[int, ...] = ()

    def has_read(self, position: int) -> bool:
        return position <= self.up_to or position in self.also


def _key(fact: Recorded) -> str | None:
    return fact.event.account_id if isinstance(fact.event, NoticesRead) else None


def _mark(row: ReadMark | None, fact: Recorded) -> ReadMark | None:
    match fact.event:
        case NoticesRead(account_id=id, up_to=up_to, positions=positions):
            also = {at for at in (*(row.also if row else ()), *positions) if at > up_to}
            return ReadMark(account_id=id, up_to=up_to, also=tuple(sorted(also)))
        case _:
            return row


read_marks = View(
    name="read_marks",
    version=1,
    row=ReadMark,
    handles=(NoticesRead,),
    key=_key,
    project=_mark,
)
"""Key: account_id."""
