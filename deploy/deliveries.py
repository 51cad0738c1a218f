"""Look at what is sent to other systems, and have it sent again (`python -m deploy.deliveries`).

A letter is named by its endpoint and the position of its event. Works directly on MongoDB (COUNTY,
MONGODB_URI); running services notice within a second or two.
"""

import argparse
import sys
from collections.abc import Iterable

from shared.adapters.mongo import connect
from shared.adapters.mongo_deliveries import MongoBook
from shared.adapters.mongo_log import MongoLog
from shared.deliveries import Tried
from shared.rejection import Unavailable
from shared.settings import Settings

LETTERS = ("endpoint", "position", "state", "attempts", "answer", "first try", "next try", "event")


def main(arguments: list[str] | None = None) -> int:
    """0: done; 1: no such letter or endpoint; 2: wrong usage; 3: MongoDB cannot be reached."""
    asked, settings = _parse(arguments), Settings()
    client = connect(settings.mongodb_uri, "deliveries")
    log = MongoLog(client, settings.database("log"))
    try:
        book = MongoBook(client[settings.database("notices")])
        lines, status = _answer(book, log.head(), asked)
    except Unavailable:
        lines, status = ["MongoDB cannot be reached"], 3
    finally:
        log.close()
        client.close()
    for line in lines:
        print(line)
    return status


def _answer(book: MongoBook, head: int, asked: argparse.Namespace) -> tuple[list[str], int]:
    match asked.command:
        case "list":
            return _list(book, head, asked.all), 0
        case "retry":
            return _retry(book, asked.endpoint, asked.position)
        case _:
            return _replay(book, asked.endpoint, asked.start)


def _list(book: MongoBook, head: int, with_delivered: bool) -> list[str]:
    """How far each endpoint is, then the letters that have not been taken."""
    cursors = book.cursors()
    if not cursors:
        return ["no endpoint has been configured yet"]
    reached = [
        f"{found['_id']} ({found['kind']}): up to {found['position']} of {head}"
        for found in cursors
    ]
    rows = [_row(tried) for tried in book.everything(with_delivered)]
    return [*reached, *(_table([LETTERS, *rows]) if rows else ["every letter has been taken"])]


def _retry(book: MongoBook, endpoint: str, position: int) -> tuple[list[str], int]:
    if book.request_retry(endpoint, position):
        return [f"{endpoint} {position} will be tried once more"], 0
    return [f"{endpoint} {position} has not been given up"], 1


def _replay(book: MongoBook, endpoint: str, start: int) -> tuple[list[str], int]:
    """Texts are not sent twice: a resident is no log."""
    kinds = {found["_id"]: found["kind"] for found in book.cursors()}
    if kinds.get(endpoint) == "sms":
        return ["texts are not replayed; retry single ones"], 1
    if book.replay_from(endpoint, start):
        return [f"{endpoint} gets everything from {start} on again"], 0
    return [f"{endpoint} is unknown, or has not come to {start}"], 1


def _row(tried: Tried) -> tuple[str, ...]:
    return (
        tried.endpoint_id,
        str(tried.position),
        tried.state,
        str(tried.attempts),
        tried.last_answer,
        f"{tried.first_tried_at:%Y-%m-%d %H:%M:%S}",
        f"{tried.next_try_at:%Y-%m-%d %H:%M:%S}" if tried.next_try_at else "",
        tried.type,
    )


def _table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def _position(typed: str) -> int:
    number = int(typed)
    if number < 1:
        raise ValueError(typed)
    return number


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m deploy.deliveries",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    listing = commands.add_parser("list", help="how far endpoints are, and what was not taken")
    listing.add_argument("--all", action="store_true", help="letters that were taken too")
    retry = commands.add_parser("retry", help="try a letter that was given up once more")
    retry.add_argument("endpoint")
    retry.add_argument("position", type=_position, help="as listed")
    replay = commands.add_parser(
        "replay", help="send a webhook everything from a position on again"
    )
    replay.add_argument("endpoint")
    replay.add_argument("--from", dest="start", type=_position, required=True, metavar="POSITION")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
