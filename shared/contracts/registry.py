"""Every event and command by name: what the log, the broker and the gateway look messages up in."""

from typing import get_args

from shared.contracts import accounts, county, dispatch, grid, notices, requests
from shared.contracts.message import Command, Event

CONTEXTS: dict[str, tuple[object, ...]] = {
    "requests": (requests.RequestCommand, requests.RequestEvent),
    "dispatch": (
        dispatch.WorkOrderCommand,
        dispatch.WorkOrderEvent,
        dispatch.OrganizationCommand,
        dispatch.OrganizationEvent,
    ),
    "grid": (grid.GridCommand, grid.GridEvent),
    "accounts": (accounts.AccountCommand, accounts.AccountEvent),
    "county": (county.CountyCommand, county.CountyEvent),
    "notices": (notices.NoticeCommand, notices.NoticeEvent),
}
"""A context is the service that decides; its name is the first half of a routing key."""

MESSAGES: dict[str, tuple[str, type]] = {
    kind.__name__: (context, kind)
    for context, unions in CONTEXTS.items()
    for union in unions
    for kind in get_args(union) or (union,)
}

EVENTS: dict[str, type[Event]] = {
    name: kind for name, (_, kind) in MESSAGES.items() if issubclass(kind, Event)
}
COMMANDS: dict[str, type[Command]] = {
    name: kind for name, (_, kind) in MESSAGES.items() if issubclass(kind, Command)
}


def context_of(name: str) -> str:
    """The service that owns a message, by the message's name. Raises KeyError when unknown."""
    return MESSAGES[name][0]


def routing_key(event_type: str) -> str:
    """`<context>.<EventType>`: how an event is addressed on the broker."""
    return f"{context_of(event_type)}.{event_type}"
