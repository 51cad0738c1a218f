"""Look at what subscriptions have set aside, and decide: `python -m deploy.parked list`.

A fact is named by its subscription and its position (`requests.policy 123`), a message that nobody
could read by its digest. Works directly on MongoDB (COUNTY, MONGODB_URI); running services notice
within two seconds.
"""

import argparse
import sys
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from shared.adapters.mongo_parked import MongoParked, parking_lots
from shared.parking import heads
from shared.rejection import Unavailable
from shared.settings import Settings

Lots = Mapping[str, MongoParked]

COLUMNS = ("subscription", "position", "state", "attempts", "type", "stream", "why")


def main(arguments: list[str] | None = None) -> int:
    """0: done; 1: no such entry; 2: wrong usage; 3: MongoDB cannot be reached."""
    asked, settings = _parse(arguments), Settings()
    try:
        with parking_lots(settings) as lots:
            lines, status = _answer(lots, asked)
    except Unavailable:
        lines, status = ["MongoDB cannot be reached"], 3
    for line in lines:
        print(line)
    return status


def _answer(lots: Lots, asked: argparse.Namespace) -> tuple[list[str], int]:
    if asked.command == "list":
        return _list(lots, asked.all), 0
    service, _, subscription = asked.subscription.partition(".")
    lot, mark = lots.get(service), asked.entry
    found = lot.find(subscription, mark) if lot else None
    if lot is None or found is None:
        return [f"nothing is parked as {asked.subscription} {mark}"], 1
    match asked.command:
        case "show":
            return [_shown(found)], 0
        case "retry":
            return _retry(lot, subscription, found)
        case _:
            is_done = lot.discard(subscription, mark, asked.by, asked.why)
            return (["discarded"], 0) if is_done else (["it had been discarded before"], 1)


def _list(lots: Lots, with_discarded: bool) -> list[str]:
    rows = [
        _row(service, found)
        for service, lot in lots.items()
        for found in lot.everything(with_discarded)
    ]
    return _table([COLUMNS, *rows]) if rows else ["nothing is parked"]


def _retry(lot: MongoParked, subscription: str, found: dict[str, Any]) -> tuple[list[str], int]:
    """Try what the fact waits for first: inside a lane key, order matters."""
    if found["kind"] != "fact":
        return ["a message that nobody can read cannot be retried; discard it"], 1
    key = found["lane_key"]
    head = heads(lot.entries(subscription, key)).get(key)
    if head is None or not (
        head.state == "retry_requested" or lot.request_retry(subscription, head.position)
    ):
        return ["it is not waiting for a retry"], 1
    return [f"position {head.position} and what waits behind it will be tried again"], 0


def _row(service: str, found: dict[str, Any]) -> tuple[str, ...]:
    at = found["_id"]
    why = found.get("error") or found.get("reason") or ""
    if found["state"] == "waiting":
        why = f"behind {found['blocked_by']}"
    return (
        f"{service}.{at['subscription']}",
        str(at.get("position", at.get("digest"))),
        found["state"],
        str(found.get("attempts", "")),
        found.get("type", found["kind"]),
        found.get("stream", found.get("routing_key", "")),
        why,
    )


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _shown(found: dict[str, Any]) -> str:
    return orjson.dumps(found, option=orjson.OPT_INDENT_2, default=str).decode()


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.parked",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="everything that is set aside, oldest first")
    listing.add_argument("--all", action="store_true", help="discarded entries too")
    show = commands.add_parser("show", help="one entry in full")
    retry = commands.add_parser("retry", help="try its lane again, from the first one parked")
    discard = commands.add_parser("discard", help="give it up; what waits behind it goes on")
    for command in (show, retry, discard):
        command.add_argument("subscription", help="<service>.<subscription>, as listed")
        command.add_argument("entry", help="position, or digest of a malformed message")
    discard.add_argument("--by", required=True, help="who decides this")
    discard.add_argument("--why", required=True, help="the reason, kept with the entry")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
