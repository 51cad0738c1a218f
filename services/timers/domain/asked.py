"""What has been asked lately: asking again is harmless, but must neither flood nor ever end."""

from datetime import datetime, timedelta

FIRST_PAUSE = timedelta(seconds=5)
"""More than the event needs to come back and move the row on."""

LONGEST_PAUSE = timedelta(minutes=5)


class Asked:
    """In memory only: after a restart everything due is asked once more, and happens once.

    A row whose command was answered without an event (not news, refused, or a bug over there) stays
    due; it is asked again after longer and longer pauses, so that it holds up nothing else and
    goes on by itself when the answer changes.
    """

    def __init__(self) -> None:
        self._pauses: dict[str, tuple[datetime, timedelta]] = {}

    def may_ask(self, command_id: str, now: datetime) -> bool:
        again_at, _ = self._pauses.get(command_id, (now, FIRST_PAUSE))
        return again_at <= now

    def remember(self, command_id: str, now: datetime) -> None:
        """It was answered, whatever the answer."""
        known = self._pauses.get(command_id)
        pause = min(known[1] * 2, LONGEST_PAUSE) if known else FIRST_PAUSE
        self._pauses[command_id] = (now + pause, pause)

    def forget_the_settled(self, now: datetime) -> None:
        """What was not asked again when it could have been is not due any more."""
        settled = [id for id, (again_at, _) in self._pauses.items() if again_at < now - FIRST_PAUSE]
        for command_id in settled:
            del self._pauses[command_id]

    def __len__(self) -> int:
        return len(self._pauses)
