"""The vault's storage: who a record is about has a key, and everything about them lies under it.

`persons` `{_id, mark, key, epoch}`: the person's key, wrapped under an epoch's key; `mark` finds
the same person again (name and phone) without saying who it is. `records` `{_id, person_id, kind,
case, suite, sealed, kept_at}`. An erased person stays as `{_id, erased_at}`, and opens nothing.
"""

import secrets
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

import orjson
from gridfs import GridFSBucket, NoFile
from pymongo import ASCENDING, MongoClient, UpdateOne
from pymongo.database import Database
from pymongo.errors import BulkWriteError
from pymongo.read_concern import ReadConcern
from pymongo.write_concern import WriteConcern

from shared.adapters.key_folder import KeyFolder
from shared.adapters.trouble import as_unavailable
from shared.rejection import Unavailable
from shared.sealing import (
    SUITES,
    CannotOpen,
    new_key,
    open_sealed,
    place_of,
    plain_name,
    plain_number,
    seal,
    search_mark,
)
from shared.settings import Settings

Document = dict[str, Any]
Kept = Literal["new", "same", "other"]

PARTICULARS: Final = "particulars"
FILE: Final = "file"
DUPLICATE_KEY: Final = 11000
AT_ONCE: Final = 500
FIRST_OF_TWO = WriteConcern(w=1, j=False)
"""For what is followed at once by a durable write to the same log of MongoDB, which covers it."""


class Wanted(NamedTuple):
    """A record to keep. `case` is the request it belongs to; a remark lies under the key of the
    person whom that request is about."""

    id: str
    kind: str
    case: str
    fields: dict[str, Any]


class Found(NamedTuple):
    kind: str
    case: str
    fields: dict[str, Any]


class Person(NamedTuple):
    """A person's id and unwrapped key."""

    id: str
    key: bytes


class VaultStore:
    """Keeps, opens and erases. Every method raises Unavailable without a database."""

    def __init__(
        self, database: Database[Document], keys: KeyFolder, county: str, suite: int
    ) -> None:
        self._persons = database["persons"]
        self._quick_persons = database.get_collection(
            "persons", write_concern=FIRST_OF_TWO, read_concern=ReadConcern("local")
        )
        self._records = database["records"]
        self._files = GridFSBucket(database, "files")
        self.keys = keys
        self._county = county
        self._suite = suite

    def create_indexes(self) -> None:
        """Safe to repeat."""
        self._persons.create_index("mark", unique=True, sparse=True)
        self._persons.create_index("epoch", sparse=True)
        self._records.create_index([("case", ASCENDING), ("kind", ASCENDING)])
        self._records.create_index("person_id")

    def keep(self, wanted: Sequence[Wanted]) -> list[Kept]:
        """Store records durably: "same" when this very record was there, "other" when another."""
        with as_unavailable():
            owners = self._owners(wanted)
            known = self._insert([self._sealed(one, owners[one.id]) for one in wanted])
        stored = self.read([wanted[number].id for number in known])
        return [
            "new" if number not in known else _compared(one, stored.get(one.id))
            for number, one in enumerate(wanted)
        ]

    def read(self, ids: Iterable[str]) -> dict[str, Found]:
        """What exists and can be opened, by id. What was erased is not there."""
        with as_unavailable():
            documents = list(self._records.find({"_id": {"$in": list(ids)}}))
            keys = self._keys_of({document["person_id"] for document in documents})
        opened = ((one["_id"], self._opened(one, keys.get(one["person_id"]))) for one in documents)
        return {id: found for id, found in opened if found is not None}

    def keep_file(self, wanted: Wanted, content: bytes) -> Kept:
        """A file under the key of whom its case is about; `wanted.fields` says what it is.

        The content is stored first: only the record makes it reachable.
        """
        with as_unavailable():
            if wanted.id not in self.read([wanted.id]):
                owner = self._owners([wanted])[wanted.id]
                place = place_of(self._county, owner.id, wanted.id, "content")
                self._drop_contents([wanted.id])
                sealed = seal(owner.key, content, place, self._suite)
                self._files.upload_from_stream_with_id(wanted.id, "", sealed)
        return self.keep([wanted])[0]

    def file(self, id: str) -> bytes | None:
        """A file's content; None when it is gone."""
        with as_unavailable():
            record = self._records.find_one({"_id": id})
            keys = self._keys_of({record["person_id"]}) if record else {}
            if not record or not keys:
                return None
            try:
                sealed = self._files.open_download_stream(id).read()
            except NoFile:
                return None
        place = place_of(self._county, record["person_id"], id, "content")
        return open_sealed(keys[record["person_id"]], sealed, place)

    def forget(self, ids: Sequence[str]) -> None:
        """Take records back whose command was refused; a person without any goes too."""
        with as_unavailable():
            documents = list(self._records.find({"_id": {"$in": list(ids)}}, {"person_id": 1}))
            self._records.delete_many({"_id": {"$in": list(ids)}})
            self._drop_contents(ids)
            persons = {document["person_id"] for document in documents}
            left = set(self._records.distinct("person_id", {"person_id": {"$in": [*persons]}}))
            self._persons.delete_many({"_id": {"$in": [*(persons - left)]}})

    def person_of(self, record_id: str) -> str | None:
        """Whom a record is about; None when there is no such record."""
        with as_unavailable():
            found = self._records.find_one({"_id": record_id}, {"person_id": 1})
        return str(found["person_id"]) if found else None

    def erase(self, person_id: str) -> int:
        """A person's key and all records under it; how many records. Twice does no harm.

        Copies of the wrapped key in journals and backups open until the epoch is over.
        """
        with as_unavailable():
            erased = {"_id": person_id, "erased_at": datetime.now(UTC)}
            self._persons.replace_one({"_id": person_id}, erased, upsert=True)
            files = self._records.find({"person_id": person_id, "kind": FILE}, {"_id": 1})
            self._drop_contents([one["_id"] for one in files])
            gone = self._records.delete_many({"person_id": person_id})
        return gone.deleted_count

    def rewrap(self) -> int:
        """Wrap some more persons' keys under the newest epoch; how many, 0 when all are.

        Raises CannotOpen for a key that was changed: it is not lost with its epoch then.
        """
        epoch = self.keys.current()
        with as_unavailable():
            older = list(self._persons.find({"epoch": {"$lt": epoch}}, limit=AT_ONCE))
            if older:
                self._persons.bulk_write([self._rewrapped(one, epoch) for one in older])
        return len(older)

    def turned(self, epoch: int) -> tuple[int, int]:
        """How many keys are wrapped under this epoch, and how many under those before."""
        with as_unavailable():
            done = self._persons.count_documents({"epoch": epoch})
            return done, self._persons.count_documents({"epoch": {"$lt": epoch}})

    def key_for(self, purpose: str) -> bytes:
        """A key of the county's own for what is not about a person's record."""
        return self.keys.of(purpose)

    def adopt_key(self, purpose: str, key: bytes) -> None:
        """A key that was in use before there was a vault. Raises KeysMissing if another one is."""
        self.keys.put(f"{purpose}.key", key)

    def wrapped(self) -> Iterable[Document]:
        """Every person as stored, for a backup of the keys."""
        with as_unavailable():
            yield from self._persons.find({"epoch": {"$exists": True}})

    def put_back(self, persons: Sequence[Document]) -> None:
        """Persons from a backup of the keys; whoever was erased since stays erased."""
        writes = [
            UpdateOne(
                {"_id": one["_id"], "erased_at": {"$exists": False}},
                {"$set": {name: value for name, value in one.items() if name != "_id"}},
                upsert=True,
            )
            for one in persons
        ]
        with as_unavailable():
            try:
                self._persons.bulk_write(writes, ordered=False)
            except BulkWriteError as partly:
                _only_duplicates(partly)

    def _drop_contents(self, ids: Iterable[str]) -> None:
        for id in ids:
            with suppress(NoFile):
                self._files.delete(id)

    def _owners(self, wanted: Sequence[Wanted]) -> dict[str, Person]:
        """By record id. Somebody new is made; a remark finds its person by the case, which may be
        stored or come along with it; without one it stands alone."""
        people = {one.id: self._mark(one) for one in wanted if one.kind == PARTICULARS}
        remarks = [one for one in wanted if one.kind != PARTICULARS]
        stored = self._by_case({one.case for one in remarks})
        arriving = {one.case for one in wanted if one.id in people}
        alone = {
            one.id: self._mark(one) for one in remarks if one.case not in stored.keys() | arriving
        }
        by_mark = self._known_or_new({*people.values(), *alone.values()})
        ids = {id: by_mark[mark] for id, mark in (people | alone).items()}
        at_home = {one.case: ids[one.id] for one in wanted if one.id in people} | stored
        ids |= {one.id: at_home[one.case] for one in remarks if one.id not in alone}
        keys = self._keys_of(set(ids.values()))
        if missing := set(ids.values()) - keys.keys():
            raise Unavailable(f"{len(missing)} 人的资料正在删除，请稍后再试")
        return {id: Person(person_id, keys[person_id]) for id, person_id in ids.items()}

    def _mark(self, one: Wanted) -> str:
        """The same name and phone are the same person; what has neither stands for itself."""
        if one.kind != PARTICULARS:
            return search_mark(self.keys.of("search"), "record", one.id)
        who = place_of(plain_name(one.fields["name"]), plain_number(one.fields["phone"]))
        return search_mark(self.keys.of("search"), "person", who.hex())

    def _by_case(self, cases: set[str]) -> dict[str, str]:
        asked = {"case": {"$in": [*(cases - {""})]}, "kind": PARTICULARS}
        found = self._records.find(asked, {"case": 1, "person_id": 1}) if cases - {""} else ()
        return {document["case"]: document["person_id"] for document in found}

    def _known_or_new(self, marks: set[str]) -> dict[str, str]:
        """Person ids by mark. Somebody else may make the same person at the same time."""
        known = self._by_mark(marks)
        if fresh := [self._new_person(mark) for mark in marks - known.keys()]:
            try:
                self._quick_persons.insert_many(fresh, ordered=False)
            except BulkWriteError as partly:
                _only_duplicates(partly)
            known |= self._by_mark(marks - known.keys())
        return known

    def _by_mark(self, marks: set[str]) -> dict[str, str]:
        found = self._quick_persons.find({"mark": {"$in": [*marks]}}, {"mark": 1}) if marks else ()
        return {document["mark"]: document["_id"] for document in found}

    def _new_person(self, mark: str) -> Document:
        person = Person(f"U{secrets.token_hex(12)}", new_key())
        epoch = self.keys.current()
        return {"_id": person.id, "mark": mark, "epoch": epoch, "key": self._wrap(person, epoch)}

    def _keys_of(self, person_ids: set[str]) -> dict[str, bytes]:
        """Unwrapped keys; nobody's who was erased, or whose key does not open any more."""
        asked = {"_id": {"$in": [*person_ids]}, "epoch": {"$exists": True}}
        keys = {}
        for one in self._quick_persons.find(asked):
            with suppress(KeyError, CannotOpen):
                keys[one["_id"]] = self._unwrapped(one)
        return keys

    def _wrap(self, person: Person, epoch: int) -> bytes:
        return seal(self.keys.epoch(epoch), person.key, self._key_place(person.id, epoch))

    def _unwrapped(self, one: Document) -> bytes:
        """Raises KeyError when its epoch is over, CannotOpen when it was changed."""
        place = self._key_place(one["_id"], one["epoch"])
        return open_sealed(self.keys.epoch(one["epoch"]), one["key"], place)

    def _rewrapped(self, one: Document, epoch: int) -> UpdateOne:
        """Somebody who is erased meanwhile is left alone: the old wrapping has to be there still.

        A person out of an old backup, whose epoch is over, stays closed for good.
        """
        same = {"_id": one["_id"], "epoch": one["epoch"]}
        try:
            person = Person(one["_id"], self._unwrapped(one))
        except KeyError:
            return UpdateOne(same, {"$unset": {"epoch": "", "key": "", "mark": ""}})
        return UpdateOne(same, {"$set": {"epoch": epoch, "key": self._wrap(person, epoch)}})

    def _key_place(self, person_id: str, epoch: int) -> bytes:
        return place_of(self._county, "person-key", person_id, str(epoch))

    def _sealed(self, one: Wanted, person: Person) -> Document:
        place = self._place(person.id, one.id, one.kind)
        return {
            "_id": one.id,
            "person_id": person.id,
            "kind": one.kind,
            "case": one.case,
            "kept_at": datetime.now(UTC),
            "sealed": seal(person.key, orjson.dumps(one.fields), place, self._suite),
        }

    def _opened(self, document: Document, key: bytes | None) -> Found | None:
        if key is None:
            return None
        place = self._place(document["person_id"], document["_id"], document["kind"])
        fields = orjson.loads(open_sealed(key, document["sealed"], place))
        return Found(document["kind"], document["case"], fields)

    def _place(self, person_id: str, record_id: str, kind: str) -> bytes:
        return place_of(self._county, person_id, record_id, kind)

    def _insert(self, documents: list[Document]) -> set[int]:
        """Numbers of those whose id was known before."""
        try:
            self._records.insert_many(documents, ordered=False)
        except BulkWriteError as partly:
            return _only_duplicates(partly)
        return set()


def open_vault(client: MongoClient[Document], settings: Settings) -> VaultStore:
    """The county's vault, with its folder of keys. Raises ValueError without a root key."""
    if not settings.vault_root_key:
        raise ValueError("VAULT_ROOT_KEY_FILE is not set: without it the vault does not open")
    root, folder = bytes.fromhex(settings.vault_root_key), Path(settings.vault_keys)
    database = client[settings.database("vault")]
    keys = KeyFolder(folder, root, settings.county)
    return VaultStore(database, keys, settings.county, SUITES[settings.vault_suite])


def _compared(wanted: Wanted, found: Found | None) -> Kept:
    same = Found(wanted.kind, wanted.case, wanted.fields)
    return "same" if found == same else "other"


def _only_duplicates(partly: BulkWriteError) -> set[int]:
    """Which of the writes met something that was there; any other trouble is raised again."""
    problems = partly.details["writeErrors"]
    if not problems:
        raise Unavailable("数据库还没有确认写入，请稍后用同一操作重试") from partly
    if any(problem["code"] != DUPLICATE_KEY for problem in problems):
        raise partly
    return {problem["index"] for problem in problems}
