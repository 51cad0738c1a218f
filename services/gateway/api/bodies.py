"""What a client may say in a request body: the commands' fields, and free text as it was typed."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.contracts.dispatch import Outcome, ReturnReason
from shared.contracts.message import Id
from shared.contracts.requests import (
    BeneficiaryCategory,
    Day,
    DeclineReason,
    RevealPurpose,
    Score,
    SendBackReason,
    Urgency,
    WithdrawReason,
)
from shared.personal import Note, Particulars, Text

NoteText = Annotated[Text, Field(description="说明，4000 字以内")]


class Body(BaseModel):
    """Strict JSON: unknown fields and wrong types are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class SignIn(Body):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class Place(Body):
    """点单."""

    grid_id: Id
    service_code: Id
    urgency: Urgency = "normal"
    beneficiary_category: BeneficiaryCategory = "resident"
    stated_on: Day | None = Field(default=None, description="群众提出的日期，如补录的诉求")
    particulars: Particulars


class Nothing(Body):
    """A command that needs no more than its name."""


class WithNote(Body):
    note: NoteText | None = None


class MustNote(Body):
    note: NoteText


class SendBack(WithNote):
    reason: SendBackReason


class Decline(WithNote):
    reason: DeclineReason


class Withdraw(WithNote):
    reason: WithdrawReason


class Rate(WithNote):
    score: Score


class Reveal(Body):
    purpose: RevealPurpose


class Dispatch(WithNote):
    organization_id: Id


class Return(WithNote):
    reason: ReturnReason
    proposed_organization_id: Id | None = None


class Assign(Body):
    staff_id: Id


class Complete(MustNote):
    outcome: Outcome


def note_of(body: Body) -> Note | None:
    """The free text of a body, which travels apart from its command."""
    text = getattr(body, "note", None)
    return Note(text=text) if text is not None else None
