"""Where past requests would have gone by a county's new rules: `make dry-run ARGS=FOLDER`.

Replays the log with the rules in force and with those of FOLDER/rules.yaml, each request as things
stood when it was accepted. Changes nothing. Exit code 1: the folder has problems.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.county.check import DEMO, report
from deploy.county.entries import CountyFiles
from deploy.county.folder import check_folder
from services.county.domain.changes import changes
from services.county.domain.county_rules import county_rules
from services.dispatch.domain.rehearsal import Elsewhere, Rehearsed
from services.dispatch.rehearsing import rehearsed
from shared.adapters.mongo import connect
from shared.adapters.mongo_log import MongoLog
from shared.contracts.county import Rules, RulesAdopted
from shared.labels import CHOSEN_BY
from shared.rules_in_force import KEY
from shared.settings import Settings

CENTER = "县中心（无匹配单位）"


def main(arguments: list[str] | None = None) -> int:
    """The command line."""
    parser = argparse.ArgumentParser(prog="make dry-run", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=DEMO)
    parser.add_argument("--days", type=int, default=365, help="how far back (default: 365)")
    parser.add_argument("--examples", type=int, default=10, help="how many to show (at most 100)")
    asked = parser.parse_args(arguments)
    checked = check_folder(asked.folder)
    if checked.county is None:
        print("\n".join(report(asked.folder, checked)))
        return 1
    print("\n".join(_rehearse(checked.county, asked.days, asked.examples)))
    return 0


def _rehearse(county: CountyFiles, days: int, examples: int) -> Iterator[str]:
    settings = Settings()
    client = connect(settings.mongodb_uri, "dry-run")
    log = MongoLog(client, settings.database("log"))
    try:
        before = _in_force(log)
        for one in changes(before, county.rules):
            yield f"{one.field}：{one.before or '（无）'} → {one.after or '（无）'}"
        began, since = time.monotonic(), datetime.now(UTC) - timedelta(days=days)
        found = rehearsed(log, before, county.rules, since, _show_progress)
        names = {one.organization_id: one.name for one in county.organizations}
        yield from told(found, names, examples)
        yield f"试算 {found.requests} 件，用时 {time.monotonic() - began:.1f} 秒；没有改动任何内容"
    finally:
        log.close()
        client.close()


def told(found: Rehearsed, names: Mapping[str, str], examples: int = 10) -> Iterator[str]:
    """Counts first, then where they would go, then some of them with the rules that settle it."""

    def name(id: str | None) -> str:
        return CENTER if id is None else names.get(id, id)

    yield f"按规则派单的 {found.requests} 件诉求中，{found.elsewhere} 件会派给别的单位"
    for shift in found.shifts:
        yield f"  {shift.requests:6d} 件  {name(shift.from_id)} → {name(shift.to_id)}"
    for share in found.shares:
        if share.before != share.after:
            yield f"  {name(share.organization_id)}：{share.before} 件 → {share.after} 件"
    for one in found.examples[: -examples - 1 : -1]:
        before, after = name(one.before.organization_id), name(one.after.organization_id)
        yield f"  {_example(one, before, after)}"


def _example(one: Elsewhere, before: str, after: str) -> str:
    because, instead = CHOSEN_BY[one.before.rule], CHOSEN_BY[one.after.rule]
    return f"{one.request_id} {one.service_code}：{before}（{because}）→ {after}（{instead}）"


def _in_force(log: MongoLog) -> Rules:
    history = log.read_stream(f"{county_rules.category}-{KEY}")
    adopted = (fact.event for fact in history if isinstance(fact.event, RulesAdopted))
    return county_rules.replay(adopted).in_force


def _show_progress(position: int, head: int) -> None:
    if not sys.stderr.isatty():
        return
    end = "\n" if position == head else ""
    sys.stderr.write(f"\r日志 {position}/{head}{end}")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
