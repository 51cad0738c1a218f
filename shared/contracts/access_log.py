"""What the access log says: who came in, who was refused, what was carried out of the house.

It is a log of its own (`<county>_access`), chained like the county's, and no service reacts to it.
`address` is where the request came from, as the network says; it is kept because the law wants it
(GB/T 22239 8.1.4.3). Never a password, a code, or a name that is no account.
"""

from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints

from shared.contracts.message import Event, Id

SignInMeans = Literal["password", "code", "recovery_code", "single_sign_on"]
SignInRefusal = Literal[
    "unknown_name",
    "wrong_password",
    "wrong_code",
    "used_code",
    "expired_password",
    "account_disabled",
    "single_sign_on_failed",
    "no_account_for_identity",
]
SignOutCause = Literal["asked", "everywhere", "one_session"]
ExportKind = Literal["register", "figures", "assessment"]

Address = Annotated[str, StringConstraints(max_length=64)]
Mark = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{16}$")]
"""A keyed hash: the same unknown name has the same mark, and nobody can read it back."""


class SignedIn(Event):
    """`means`: everything that was shown, in order."""

    account_id: Id
    session_id: Id
    means: Annotated[tuple[SignInMeans, ...], Field(min_length=1)]
    address: Address


class SignInRefused(Event):
    """`account_id` when there is such an account, else the mark of what was typed."""

    account_id: Id | None
    name_mark: Mark | None
    reason: SignInRefusal
    address: Address


class SignedOut(Event):
    account_id: Id
    session_id: Id | None
    cause: SignOutCause
    address: Address


class PasswordChanged(Event):
    account_id: Id
    was_one_time: bool
    address: Address


class PasswordChangeRefused(Event):
    """The old password was wrong: perhaps somebody sits at another's desk."""

    account_id: Id
    address: Address


class SecondFactorBound(Event):
    account_id: Id
    is_replacement: bool
    address: Address


class RecoveryCodesRenewed(Event):
    account_id: Id
    address: Address


class TokenUsed(Event):
    """Once an hour for each token, at its first use."""

    account_id: Id
    token_id: Id
    address: Address


class TableExported(Event):
    """A file left the house. `position`: where the county's log stood."""

    account_id: Id
    kind: ExportKind
    position: Annotated[int, Field(ge=0)]
    address: Address


AccessEvent = (
    SignedIn
    | SignInRefused
    | SignedOut
    | PasswordChanged
    | PasswordChangeRefused
    | SecondFactorBound
    | RecoveryCodesRenewed
    | TokenUsed
    | TableExported
)

ACCESS_EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in get_args(AccessEvent)}
