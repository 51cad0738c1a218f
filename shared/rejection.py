"""Refusals a person can understand and act on. Everything else is a bug."""


class Rejected(Exception):  # noqa: N818 - a refusal is not an error
    """The rules say no. `code` is stable for machines; the message (Chinese) is for people.

    `fields` names the offending inputs, each with its remedy.
    """

    code = "rejected"

    def __init__(self, message: str, **fields: str) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields


class InvalidInput(Rejected):
    """The message does not have the shape that was agreed (HTTP 422)."""

    code = "invalid"


class NotFound(Rejected):
    """No such thing, or not for these eyes: the answer is the same (HTTP 404)."""

    code = "not_found"


class NotYours(Rejected):
    """The actor may see it but not do this (HTTP 403)."""

    code = "not_yours"


class NotAllowedNow(Rejected):
    """The thing exists, but not in a state where this makes sense (HTTP 409)."""

    code = "not_allowed_now"


class StaleVersion(Rejected):
    """Somebody else was here in between (HTTP 409); look again and decide again."""

    code = "stale_version"


class CommandIdReused(Rejected):
    """The same command id came with another body (HTTP 409)."""

    code = "command_id_reused"


class Unavailable(Rejected):
    """The database or the broker cannot be reached, or the outcome is not known yet (HTTP 503).

    Always safe to repeat with the same command id.
    """

    code = "unavailable"


REFUSALS: dict[str, type[Rejected]] = {
    kind.code: kind
    for kind in (
        Rejected,
        InvalidInput,
        NotFound,
        NotYours,
        NotAllowedNow,
        StaleVersion,
        CommandIdReused,
        Unavailable,
    )
}
"""A refusal travels over the wire as its code; this finds its class again."""
