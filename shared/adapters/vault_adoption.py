"""Personal records from before there was a vault: sealed at its first start, then gone in clear."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from shared.adapters.mongo_vault import PARTICULARS, VaultStore, Wanted
from shared.adapters.trouble import as_unavailable
from shared.event_log import EventLog

Document = dict[str, Any]

AT_ONCE = 500
PAGE = 5000


def adopt(
    people: Database[Document], log: EventLog, vault: VaultStore, tell: Callable[[int], None]
) -> int:
    """Seal what lies in clear in `people`, and drop it; how many records. 0 when there is nothing.

    A record goes out of the clear collection only after the vault has it, so this can be broken off
    and done again. Backups made before still hold the clear text: destroy them.
    """
    records, done = people["records"], 0
    with as_unavailable():
        if key := people["keys"].find_one({"_id": "import fingerprints"}):
            vault.adopt_key("imports", bytes(key["key"]))
        if records.find_one() is not None:
            cases = _cases_of(log)
            for batch in _batches(records):
                vault.keep([_wanted(one, cases) for one in batch])
                records.delete_many({"_id": {"$in": [one["_id"] for one in batch]}})
                done += len(batch)
                tell(done)
        people.client.drop_database(people.name)
    return done


def _batches(records: Collection[Document]) -> Iterator[list[Document]]:
    """People first, as a remark lies under the key of whom its case is about."""
    for kind in (PARTICULARS, {"$ne": PARTICULARS}):
        while batch := list(records.find({"kind": kind}, limit=AT_ONCE)):
            yield batch


def _cases_of(log: EventLog) -> Mapping[str, str]:
    """Record id → request id, from the events that name both."""
    cases: dict[str, str] = {}
    reached = 0
    while True:
        page = log.read_after(reached, PAGE)
        for fact in page.facts:
            case = getattr(fact.event, "request_id", "")
            for name in ("particulars_id", "note_id"):
                if record_id := getattr(fact.event, name, None):
                    cases.setdefault(record_id, case)
        if page.reached <= reached:
            return cases
        reached = page.reached


def _wanted(one: Document, cases: Mapping[str, str]) -> Wanted:
    return Wanted(one["_id"], one["kind"], cases.get(one["_id"], ""), one["record"])
