"""What the vault keeps opens for the right key, and never again for anybody once it is erased."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from shared.adapters.key_folder import KeysMissing
from shared.adapters.mongo import Document
from shared.adapters.mongo_vault import VaultStore, Wanted
from shared.adapters.vault_adoption import adopt
from shared.contracts import requests
from shared.contracts.message import Event
from shared.event_log import NewCommit
from shared.sealing import SM4_GCM, CannotOpen, new_key
from shared.testing.memory_log import MemoryLog
from tests.integration.vault.conftest import LI, WANG, about, fields_of

PLACED = requests.RequestPlaced(
    request_id="R1",
    grid_id="grid-1",
    area_ids=("county-1", "grid-1"),
    service_code="home-repair",
    urgency="normal",
    beneficiary_category="resident",
    particulars_id="P1",
    placed_by="grid-worker-01",
)


def said(version: int, event: Event) -> NewCommit:
    return NewCommit(
        stream="service_request-R1",
        expected_version=version,
        events=(event,),
        command_id=f"C{version}",
        command="",
        digest="",
        at=datetime(2026, 5, 1, 4, tzinfo=UTC),
        by="grid-worker-01",
        role="grid_worker",
        audience=(),
    )


def remark(record_id: str, case: str, text: str = "已联系") -> Wanted:
    return Wanted(record_id, "note", case, {"text": text})


def dump(database: Database[Document]) -> str:
    return str([list(database[name].find()) for name in database.list_collection_names()])


def test_what_is_kept_is_read_again(store: VaultStore):
    assert store.keep([about("P1"), remark("N1", "R1")]) == ["new", "new"]
    assert fields_of(store, "P1") == WANG
    assert fields_of(store, "N1") == {"text": "已联系"}
    assert fields_of(store, "P2") is None


def test_keeping_it_again_changes_nothing(store: VaultStore):
    store.keep([about("P1")])
    assert store.keep([about("P1"), about("P1", text="别的事")]) == ["same", "other"]
    assert fields_of(store, "P1") == WANG


def test_nothing_is_readable_in_the_database(store: VaultStore, database: Database[Document]):
    store.keep([about("P1")])
    stored = dump(database)
    assert not any(said in stored for said in WANG.values())


@pytest.mark.parametrize("suite", [1, SM4_GCM])
def test_both_suites_stand_side_by_side(opened: Callable[..., VaultStore], suite: int):
    opened(suite).keep([about("P1")])
    assert fields_of(opened(3 - suite), "P1") == WANG


def test_the_same_person_has_one_key(store: VaultStore):
    store.keep([about("P1", "R1"), about("P2", "R2", phone="138 1234 5678", text="门坏了")])
    store.keep([Wanted("P3", "particulars", "R3", LI)])
    assert store.person_of("P1") == store.person_of("P2") != store.person_of("P3")


def test_a_remark_lies_under_the_key_of_whom_the_case_is_about(store: VaultStore):
    store.keep([about("P1", "R1")])
    store.keep([remark("N1", "R1"), remark("N2", "R9")])
    assert store.person_of("N1") == store.person_of("P1") != store.person_of("N2")


def test_many_at_once_make_one_person(opened: Callable[..., VaultStore]):
    stores = [opened() for _ in range(4)]

    def keep(number: int) -> list[str]:
        return [*stores[number % 4].keep([about(f"P{number}", f"R{number}")])]

    with ThreadPoolExecutor(8) as pool:
        assert [*pool.map(keep, range(40))] == [["new"]] * 40
    assert len({stores[0].person_of(f"P{number}") for number in range(40)}) == 1


def test_a_blob_in_another_place_does_not_open(store: VaultStore, database: Database[Document]):
    store.keep([about("P1", "R1"), about("P2", "R2")])
    sealed = database.records.find_one({"_id": "P1"})
    assert sealed
    database.records.update_one({"_id": "P2"}, {"$set": {"sealed": sealed["sealed"]}})
    with pytest.raises(CannotOpen):
        store.read(["P2"])


def test_what_was_refused_is_forgotten_with_whom_nobody_asked_about(
    store: VaultStore, database: Database[Document]
):
    store.keep([about("P1", "R1"), about("P2", "R2"), Wanted("P3", "particulars", "R3", LI)])
    store.forget(["P1", "P3"])
    assert fields_of(store, "P1") is None
    assert fields_of(store, "P2") == WANG
    assert database.persons.count_documents({}) == 1


def test_an_erased_person_is_gone_and_nobody_else(store: VaultStore, database: Database[Document]):
    store.keep([about("P1", "R1"), remark("N1", "R1"), Wanted("P3", "particulars", "R3", LI)])
    person = store.person_of("P1")
    assert person
    assert store.erase(person) == 2
    assert store.erase(person) == 0
    assert store.read(["P1", "N1"]) == {}
    assert fields_of(store, "P3") == LI
    tombstone = database.persons.find_one({"_id": person})
    assert tombstone
    assert set(tombstone) == {"_id", "erased_at"}


def test_whoever_comes_again_after_being_erased_is_somebody_new(store: VaultStore):
    store.keep([about("P1", "R1")])
    person = store.person_of("P1")
    assert person
    store.erase(person)
    store.keep([about("P2", "R2")])
    assert store.person_of("P2") not in {person, None}


PHOTO = Wanted("F1", "file", "R1", {"kind": "photo", "sha256": "aa"})
PIXELS = bytes(range(256)) * 4000


def test_a_file_lies_under_the_key_of_whom_the_case_is_about(
    store: VaultStore, database: Database[Document]
):
    store.keep([about("P1", "R1")])
    assert [store.keep_file(PHOTO, PIXELS) for _ in range(2)] == ["new", "same"]
    assert store.file("F1") == PIXELS
    assert store.person_of("F1") == store.person_of("P1")
    assert PIXELS[:64] not in b"".join(one["data"] for one in database["files.chunks"].find())
    other = PHOTO._replace(fields={"kind": "photo", "sha256": "bb"})
    assert store.keep_file(other, b"another") == "other"
    assert store.file("F1") == PIXELS


def test_a_file_whose_storing_broke_off_is_stored_again(store: VaultStore):
    store.keep([about("P1", "R1")])
    store._files.upload_from_stream_with_id("F1", "", b"half of it")
    assert store.file("F1") is None
    assert store.keep_file(PHOTO, PIXELS) == "new"
    assert store.file("F1") == PIXELS


def test_an_erased_persons_files_are_gone(store: VaultStore, database: Database[Document]):
    store.keep([about("P1", "R1")])
    store.keep_file(PHOTO, PIXELS)
    person = store.person_of("P1")
    assert person
    store.erase(person)
    assert store.file("F1") is None
    assert database["files.chunks"].count_documents({}) == 0


def test_a_removed_file_is_gone_and_the_person_stays(store: VaultStore):
    store.keep([about("P1", "R1")])
    store.keep_file(PHOTO, PIXELS)
    store.forget(["F1"])
    assert store.file("F1") is None
    assert fields_of(store, "P1") == WANG


def test_another_root_key_opens_nothing(opened: Callable[..., VaultStore]):
    opened().keep([about("P1")])
    with pytest.raises(KeysMissing):
        opened(root=new_key()).read(["P1"])


def test_the_files_of_the_keys_are_their_owners_alone(store: VaultStore, tmp_path: Path):
    store.keep([about("P1")])
    folder = tmp_path / "keys"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_records_from_before_the_vault_are_sealed_and_gone_in_clear(
    store: VaultStore, mongodb: MongoClient[Document], county: str
):
    people, key = mongodb[f"{county}_people"], new_key()
    people.records.insert_many(
        [
            {"_id": "N1", "kind": "note", "record": {"text": "已联系"}},
            {"_id": "P1", "kind": "particulars", "record": WANG},
            {"_id": "P7", "kind": "particulars", "record": LI},
        ]
    )
    people["keys"].insert_one({"_id": "import fingerprints", "key": key})
    log = MemoryLog()
    log.append(said(0, PLACED))
    log.append(said(1, requests.RequestDeclined(request_id="R1", reason="duplicate", note_id="N1")))
    store.keep([about("P1", "R1")])  # broken off after the first one
    assert adopt(people, log, store, lambda _count: None) == 3
    assert fields_of(store, "P1") == WANG
    assert fields_of(store, "P7") == LI
    assert store.person_of("N1") == store.person_of("P1") != store.person_of("P7")
    assert store.key_for("imports") == key
    assert people.name not in mongodb.list_database_names()
    assert adopt(people, log, store, lambda _count: None) == 0
