"""What a client may say in a request body: the commands' fields, and free text as it was typed."""

from datetime import date, datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from shared.calendar import BEIJING
from shared.contracts.accounts import (
    MOST_SCOPES,
    DisableReason,
    ResetReason,
    RevokeReason,
    ScopeReason,
    TokenScope,
)
from shared.contracts.actor import Role
from shared.contracts.deadlines import SupervisionLevel
from shared.contracts.dispatch import (
    MAX_SUPPORTING,
    Evidence,
    ExcuseReason,
    HoldReason,
    Outcome,
    ReturnReason,
)
from shared.contracts.message import Id
from shared.contracts.notices import MOST_AT_ONCE
from shared.contracts.requests import (
    BeneficiaryCategory,
    DeclineReason,
    Part,
    RemovalReason,
    ReopenReason,
    RevealPurpose,
    Satisfaction,
    Score,
    SendBackReason,
    Urgency,
    WithdrawReason,
)
from shared.contracts.working_time import Day, Limit
from shared.personal import Note, Particulars, Text

NoteText = Annotated[Text, Field(description="说明，4000 字以内")]


class Body(BaseModel):
    """Strict JSON: unknown fields and wrong types are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def said(self) -> dict[str, Any]:
        """The fields of the command that this body asks for; a note goes another way."""
        return {name: value for name, value in self if name != "note"}


class SignIn(Body):
    name: Annotated[str, Field(min_length=1, max_length=64)]
    password: Annotated[str, Field(min_length=1, max_length=200)]
    code: Annotated[str | None, Field(max_length=40, description="动态码或恢复码")] = None


class ChangePassword(Body):
    old_password: Annotated[str, Field(min_length=1, max_length=200)]
    new_password: Annotated[str, Field(min_length=1, max_length=400)]


class Shown(Body):
    """The password, or a code: whoever changes the locks shows the key once more."""

    shown: Annotated[str, Field(max_length=200)] = ""


class Code(Body):
    code: Annotated[str, Field(min_length=1, max_length=40)]


class OpenAccount(Body):
    account_id: Id
    role: Role
    organization_id: Id | None = None
    area_ids: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    reason: ScopeReason


class ChangeScope(Body):
    role: Role
    organization_id: Id | None = None
    area_ids: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    reason: ScopeReason


class Disable(Body):
    reason: DisableReason


class ResetSignIn(Body):
    reason: ResetReason
    forgets_second_factor: bool = False


class IssueToken(Body):
    """`expires_on`: the last Beijing day on which the token is good."""

    scopes: Annotated[tuple[TokenScope, ...], Field(min_length=1, max_length=MOST_SCOPES)]
    expires_on: Day


class RevokeToken(Body):
    reason: RevokeReason


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


class RemoveAttachment(Body):
    reason: RemovalReason


class Accept(Body):
    is_dispatched_by_hand: bool = False


class Merge(Body):
    into_id: Id


class Reopen(WithNote):
    reason: ReopenReason


class Visit(WithNote):
    """回访: what the resident said; without an answer on the phone only `is_reached`: false."""

    is_reached: bool
    is_contacted: bool | None = None
    is_solved: bool | None = None
    satisfaction: Satisfaction | None = None


class Dispatch(WithNote):
    organization_id: Id
    supporting_ids: Annotated[tuple[Id, ...], Field(max_length=MAX_SUPPORTING)] = ()
    part: Part = "lead"


class AskForHelp(WithNote):
    organization_id: Id


class Rule(WithNote):
    """Nobody is named only where a supporting part turns out not to be needed."""

    organization_id: Id | None = None


class Excuse(WithNote):
    reason: ExcuseReason


class Extend(MustNote):
    extra: Limit


class Hold(MustNote):
    """`review_on`: the Beijing day on which it is looked at again."""

    reason: HoldReason
    review_on: Day

    def said(self) -> dict[str, Any]:
        day = date.fromisoformat(self.review_on)
        midnight = datetime(day.year, day.month, day.day, tzinfo=BEIJING)
        return {"reason": self.reason, "review_at": midnight}


class Supervise(WithNote):
    level: SupervisionLevel


class AnswerSupervision(MustNote):
    supervision_id: Id


class Return(WithNote):
    reason: ReturnReason
    proposed_organization_id: Id | None = None


class Assign(Body):
    staff_id: Id


class MarkRead(Body):
    up_to: Annotated[int, Field(ge=0, le=2**53)] = 0
    positions: Annotated[tuple[int, ...], Field(max_length=MOST_AT_ONCE)] = ()


class Complete(MustNote):
    outcome: Outcome
    evidence: Annotated[tuple[Evidence, ...], Field(max_length=20)] = ()


def note_of(body: Body) -> Note | None:
    """The free text of a body, which travels apart from its command."""
    text = getattr(body, "note", None)
    return Note(text=text) if text is not None else None
