"""Signing in with the accounts that a demo's accounts.json lists, second factor included.

A code is good once, so whoever signs in twice within half a minute needs another: the one before,
the one now, the one after, and then some patience. Run as a program it tells a code to a person:
`make code ARGS=leader-1`.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from httpx import Response

from deploy.county.load import passwords_file
from shared.one_time_codes import code_of, step_at

AROUND_NOW = (-1, 0, 1)
PAUSE_SECONDS = 10.0
MOST_ROUNDS = 5

Entry = dict[str, Any]


def read_accounts(path: Path) -> dict[str, Entry]:
    """Name → name, password, role, scope and, where the post takes one, totp_secret."""
    entries: list[Entry] = json.loads(path.read_text())
    return {entry["name"]: entry for entry in entries}


def tries(entry: Entry) -> Iterator[tuple[float, dict[str, str]]]:
    """Bodies for `POST /api/v1/session`, each with the seconds to wait before it.

    Go on as long as the answer is `is_used_code`.
    """
    said = {"name": entry["name"], "password": entry["password"]}
    if "totp_secret" not in entry:
        yield 0.0, said
        return
    for round in range(MOST_ROUNDS):
        for place, beside in enumerate(AROUND_NOW):
            wait = PAUSE_SECONDS if round and not place else 0.0
            yield wait, {**said, "code": code_near(entry, beside)}


def until_in(send: Callable[[dict[str, str]], Response], entry: Entry) -> Response:
    """What the first answer says that is not about a used code; `send` posts one body."""
    for wait, body in tries(entry):
        time.sleep(wait)
        answer = send(body)
        if not is_used_code(answer.text):
            return answer
    raise TimeoutError(f"{entry['name']}: every code was used already")


def is_used_code(answer: str) -> bool:
    """Whether an answer says that somebody was faster with this code."""
    return '"code":"code_used"' in answer


def code_near(entry: Entry, beside: int = 0) -> str:
    """The code of this half minute, or of one beside it."""
    return code_of(entry["totp_secret"], step_at(datetime.now(UTC)) + beside)


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make code", description=__doc__)
    parser.add_argument("name", help="an account of the demo, as leader-1")
    parser.add_argument("--accounts", type=Path, default=passwords_file())
    asked = parser.parse_args(arguments)
    entry = read_accounts(asked.accounts).get(asked.name)
    if entry is None or "totp_secret" not in entry:
        print(f"{asked.name}: no such account, or it signs in without a code")
        return 1
    print(code_near(entry))
    return 0


if __name__ == "__main__":
    sys.exit(main())
