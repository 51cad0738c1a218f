"""What the security administrator and the auditor see of accounts, each with its tokens."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict

from services.accounts.domain.words import actor_in
from shared.contracts import accounts as msg
from shared.contracts.accounts import DisableReason, TokenScope
from shared.contracts.actor import Role
from shared.event_log import Recorded
from shared.views import Row, View


class Token(BaseModel):
    """A token that is neither revoked nor fallen with the account's rights; it may have expired."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    token_id: str
    scopes: tuple[TokenScope, ...]
    issued_at: datetime
    issued_by: str
    expires_at: datetime


class AccountRow(Row):
    """Where one account stands, and who changed it last, when."""

    account_id: str
    role: Role
    organization_id: str | None
    area_ids: tuple[str, ...]
    opened_at: datetime
    changed_at: datetime
    changed_by: str
    disabled_for: DisableReason | None = None
    tokens: tuple[Token, ...] = ()


def _key(fact: Recorded) -> str | None:
    event = fact.event
    return event.account_id if isinstance(event, msg.AccountEvent) else None


def _row(row: AccountRow | None, fact: Recorded) -> AccountRow | None:
    changed: dict[str, Any] = {"changed_at": fact.commit.at, "changed_by": fact.commit.by}
    match fact.event:
        case msg.AccountOpened() as event:
            scope = actor_in(event).model_dump(exclude={"request_id"})
            return AccountRow(**scope, opened_at=fact.commit.at, **changed)
        case msg.ScopeChanged() as event if row:
            scope = actor_in(event).model_dump(exclude={"request_id"})
            return row.model_copy(update={**scope, "tokens": (), **changed})
        case msg.AccountDisabled(reason=reason) if row:
            return row.model_copy(update={"disabled_for": reason, "tokens": (), **changed})
        case msg.TokenIssued() as event if row:
            return row.model_copy(update={"tokens": (*row.tokens, _token(event, fact)), **changed})
        case msg.TokenRevoked(token_id=id) if row:
            left = tuple(token for token in row.tokens if token.token_id != id)
            return row.model_copy(update={"tokens": left, **changed})
        case msg.SignInReset() if row:
            return row.model_copy(update=changed)
        case _:
            return row


def _token(event: msg.TokenIssued, fact: Recorded) -> Token:
    return Token(
        token_id=event.token_id,
        scopes=event.scopes,
        issued_at=fact.commit.at,
        issued_by=fact.commit.by,
        expires_at=event.expires_at,
    )


accounts = View(
    name="accounts",
    version=1,
    row=AccountRow,
    handles=(
        msg.AccountOpened,
        msg.ScopeChanged,
        msg.AccountDisabled,
        msg.SignInReset,
        msg.TokenIssued,
        msg.TokenRevoked,
    ),
    key=_key,
    project=_row,
    indexes=(("role",),),
)
"""Key: account_id."""
