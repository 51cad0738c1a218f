"""What every message is: immutable, strict, and named by its class."""

from typing import Annotated, Any

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, StringConstraints

from shared.contracts.actor import Actor
from shared.contracts.text import speakable


class Message(BaseModel):
    """A frozen record that refuses fields it does not know and types it did not ask for."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_.:-]+$")]
"""An identifier: up to 64 letters, digits and `_ . : -`, so it is safe in keys, URLs and logs."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=80), AfterValidator(speakable)]
"""What an organisation, an area or a service is called. Never the name of a person."""


class Command(Message):
    """An intent. The edge stamps `at` (UTC) and `by`, so `decide` needs no clock and no session."""

    at: AwareDatetime
    by: Actor

    def said(self) -> dict[str, Any]:
        """Its own fields, without when and by whom: what an event about it usually repeats."""
        return {name: value for name, value in self if name not in {"at", "by"}}


class Event(Message):
    """A fact, in the past tense, made of ids and numbers: no names, phones, addresses or free text.

    Who recorded it and when is on the commit; a time belongs here only when the
    business speaks about it (`due_at`).
    """
