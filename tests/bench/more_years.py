"""A log of many years, out of one: the cases that are over, once more and under other ids.

The same commits, sealed and stored by the writer that filled the log. The dates stay, and nobody's
particulars are copied. Cases that are still open are not copied: a county with ten times as many
people at work would be another one, not an older one.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

import bson
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo.collection import Collection

from deploy.demo.year.settled import mark_as_done
from shared.adapters.mongo import Document, connect
from shared.adapters.mongo_bulk import BulkLog
from shared.settings import Settings
from tests.bench.saying import say

CASE: Final = re.compile(rb"(?<=[RPN])1(?=Y\d{5})")
"""The number of the year in the ids of a case, of its particulars and its notes: one byte."""

CAUSE: Final = re.compile(r"^\d+(?=:)")
"""The position of its cause begins the id of a policy's command (shared.serving)."""

NAMES: Final = b"23456789A"


def add_years(settings: Settings, years: int) -> None:
    """So many years behind the first one, at most nine."""
    with connect(settings.mongodb_uri, "bench") as client:
        database = client[settings.database("log")]
        log, ended, first_year = BulkLog(database), over(database.commits), database.commits
        last = log.position
        for name in NAMES[:years]:
            moved: dict[int, int] = {}
            for commit in commits_of(first_year, last, ended):
                body, count = renamed(commit, name, log.position + 1, moved)
                log.write_body(body, count)
            say(f"{log.position} events")
        log.close()
        mark_as_done(client, settings, log.position, last_of_type(database.commits))


def over(commits: Collection[Document]) -> frozenset[str]:
    """The requests that are closed for good."""
    steps: list[Document] = [
        {"$match": {"stream": {"$regex": "^service_request-"}}},
        {"$sort": {"version": 1}},
        {"$group": {"_id": "$stream", "last": {"$last": "$events.t"}}},
    ]
    found = commits.aggregate(steps, allowDiskUse=True)
    return frozenset(
        one["_id"].removeprefix("service_request-")
        for one in found
        if one["last"][-1] == "RequestClosed"
    )


def commits_of(
    commits: Collection[Document], last: int, ended: frozenset[str]
) -> Iterator[RawBSONDocument]:
    """The commits of these requests up to a position, in order and undecoded."""
    raw: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
    found = commits.with_options(codec_options=raw).find({"_id": {"$lte": last}}, sort=[("_id", 1)])
    return (one for one in found if one["stream"].partition("-")[2] in ended)


def renamed(
    commit: RawBSONDocument, name: int, position: int, moved: dict[int, int]
) -> tuple[bytes, int]:
    """The body of the copy, and how many events it has; `moved`: old positions to new ones."""
    copy: dict[str, Any] = bson.decode(CASE.sub(bytes([name]), commit.raw))
    moved.update((copy["_id"] + n, position + n) for n in range(copy["n"]))
    if copy["caused_by"] is not None:
        copy["caused_by"] = moved[copy["caused_by"]]
        copy["command_id"] = CAUSE.sub(str(copy["caused_by"]), copy["command_id"])
    body = {key: said for key, said in copy.items() if key not in {"_id", "prev", "hash"}}
    return bson.encode(body), copy["n"]


def last_of_type(commits: Collection[Document]) -> dict[str, int]:
    """The position of the last event of each type."""
    steps: list[Document] = [
        {"$unwind": {"path": "$events", "includeArrayIndex": "place"}},
        {"$group": {"_id": "$events.t", "last": {"$max": {"$add": ["$_id", "$place"]}}}},
    ]
    return {one["_id"]: int(one["last"]) for one in commits.aggregate(steps, allowDiskUse=True)}
