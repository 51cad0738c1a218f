"""Load the demo county into a running system, once: areas, organisations, menus and accounts.

Every command has an id that follows from what it says, so running it again changes nothing.
Passwords are made at random, kept only as hashes, and written for the owner of the machine alone.
"""

import argparse
import json
import os
import secrets
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from deploy.demo import county
from shared.adapters.credentials import has_password, set_password
from shared.adapters.mongo import connect
from shared.adapters.rpc_client_blocking import BlockingRpcClient
from shared.contracts.accounts import OpenAccount
from shared.contracts.actor import Actor
from shared.contracts.dispatch import RegisterOrganization, SetServiceMenu
from shared.contracts.grid import AssignGridWorker, RegisterArea
from shared.contracts.message import Command
from shared.contracts.registry import context_of
from shared.handling import Instruction, digest_of, to_wire
from shared.rejection import InvalidInput, Unavailable
from shared.settings import Settings

SET_UP = Actor(account_id="county-setup", role="administrator")
EASY_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
PATIENCE_SECONDS = 60.0


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo.load", description=__doc__)
    accounts = Path(os.environ.get("LOCAL_FOLDER", ".local")) / "accounts.json"
    parser.add_argument("--accounts", type=Path, default=accounts)
    chosen = parser.parse_args(arguments)
    settings = Settings()
    rpc = BlockingRpcClient(settings.amqp_uri)
    try:
        wanted = list(commands())
        for number, command in enumerate(wanted, start=1):
            _give_patiently(rpc, command)
            _show_progress(number, len(wanted))
    finally:
        rpc.close()
    _write_accounts(settings, chosen.accounts)
    return 0


def commands() -> Iterator[Command]:
    """Everything that makes the county, in the order in which it builds on itself."""
    stamp: dict[str, Any] = {"at": _now(), "by": SET_UP}
    for area in county.areas():
        yield RegisterArea(
            **stamp, area_id=area.id, kind=area.kind, name=area.name, parent_id=area.parent_id
        )
    for organization in county.ORGANIZATIONS:
        id = organization.id
        yield RegisterOrganization(
            **stamp, organization_id=id, name=organization.name, kind=organization.kind
        )
        yield SetServiceMenu(**stamp, organization_id=id, offers=organization.offers)
    for account in county.accounts():
        yield OpenAccount(
            **stamp,
            account_id=account.id,
            role=account.role,
            organization_id=account.organization_id,
            area_ids=account.area_ids,
        )
    for worker, grids in county.grid_workers().items():
        for grid in grids:
            yield AssignGridWorker(**stamp, grid_id=grid, worker_id=worker)


def _give_patiently(rpc: BlockingRpcClient, command: Command) -> None:
    """Services may still be starting, and a child area may come before its parent is known."""
    asked = Instruction(command, f"demo:{digest_of(command)[:32]}")
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            rpc.call(context_of(asked.name), "handle", to_wire(asked), 10.0)
            return
        except (Unavailable, InvalidInput):
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def _write_accounts(settings: Settings, path: Path) -> None:
    """Give every account a new password, unless the one that is written down is in force."""
    known = {entry["name"]: entry for entry in _read(path)}
    client = connect(settings.mongodb_uri, "demo")
    for account in county.accounts():
        if account.id in known and has_password(client, settings, account.id):
            continue
        password = "".join(secrets.choice(EASY_LETTERS) for _ in range(12))
        set_password(client, settings, account.id, password)
        known[account.id] = {
            "name": account.id,
            "password": password,
            "role": account.role,
            "scope": {"organization_id": account.organization_id, "area_ids": account.area_ids},
        }
        _write(path, list(known.values()))
    client.close()


def _read(path: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(path.read_text()) if path.exists() else []
    return found


def _write(path: Path, entries: list[dict[str, Any]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".new")
    opened = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(opened, "w", encoding="utf-8") as file:
        json.dump(entries, file, ensure_ascii=False, indent=1)
    draft.replace(path)


def _show_progress(done: int, total: int) -> None:
    if done < total and not sys.stderr.isatty():
        return  # a log file wants one line, a person wants to see it move
    end = "\n" if done == total else ""
    sys.stderr.write(f"\r演示县 {done}/{total}{end}")
    sys.stderr.flush()


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


if __name__ == "__main__":
    sys.exit(main())
