"""A turn of the epoch: everybody still opens, and what was erased opens nowhere, not even in a
backup of yesterday."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pymongo.database import Database

from deploy import keys as command
from services.vault.turning import Turning
from shared.adapters.key_folder import KeysMissing
from shared.adapters.mongo import Document
from shared.adapters.mongo_vault import VaultStore, Wanted
from shared.sealing import CannotOpen
from tests.integration.vault.conftest import LI, ROOT, about, fields_of

PASSPHRASE = "vier Worte, die keiner kennt"
Open = Callable[..., VaultStore]


def people(count: int) -> list[Wanted]:
    return [about(f"P{number}", f"R{number}", name=f"王{number}") for number in range(count)]


def turn(store: VaultStore) -> None:
    turning = Turning(store, grace=0)
    turning.begin()
    while turning.go_on():
        pass


def test_everybody_opens_after_a_turn_and_the_old_key_is_gone(store: VaultStore):
    there = people(1200)
    store.keep(there)
    turning = Turning(store, grace=0)
    assert turning.begin() == (2, 0, 1200, True)
    assert turning.go_on()
    assert turning.progress() == (2, 500, 700, True)
    assert len(store.read([one.id for one in there])) == 1200
    while turning.go_on():
        pass
    assert turning.progress() == (2, 1200, 0, False)
    assert store.keys.epochs() == [2]
    assert len(store.read([one.id for one in there])) == 1200


def test_the_old_key_stays_until_nobody_can_still_be_using_it(store: VaultStore):
    store.keep([about("P1")])
    patient = Turning(store, grace=3600)
    patient.begin()
    while patient.go_on():
        pass
    assert store.keys.epochs() == [1, 2]
    assert Turning(store, grace=0).go_on() is False
    assert store.keys.epochs() == [2]


def test_whoever_lives_goes_on_where_one_died(opened: Open):
    opened().keep(people(700))
    dying = Turning(opened(), grace=0)
    dying.begin()
    dying.go_on()
    other = Turning(opened(), grace=0)
    while other.go_on():
        pass
    assert other.progress() == (2, 700, 0, False)


def test_who_is_kept_meanwhile_is_under_the_new_epoch(
    store: VaultStore, database: Database[Document]
):
    store.keep([about("P1", "R1")])
    Turning(store, grace=0).begin()
    store.keep([Wanted("P2", "particulars", "R2", LI), Wanted("N1", "note", "R1", {"text": "x"})])
    assert sorted(one["epoch"] for one in database.persons.find()) == [1, 2]
    while Turning(store, grace=0).go_on():
        pass
    assert len(store.read(["P1", "P2", "N1"])) == 3


def test_a_changed_key_stops_the_turn_before_anything_is_destroyed(
    store: VaultStore, database: Database[Document]
):
    store.keep([about("P1")])
    database.persons.update_one({}, {"$set": {"key": b"\1" + bytes(60)}})
    with pytest.raises(CannotOpen):
        turn(store)
    assert store.keys.epochs() == [1, 2]


def test_a_backup_of_yesterday_does_not_bring_an_erased_person_back(
    store: VaultStore, database: Database[Document]
):
    """Neither does the oplog: both hold the wrapped key as it was under the old epoch."""
    store.keep([about("P1", "R1"), Wanted("P2", "particulars", "R2", LI)])
    yesterday = {name: list(database[name].find()) for name in ("persons", "records")}
    person = store.person_of("P1")
    assert person
    store.erase(person)
    turn(store)
    todays_keys = list(store.wrapped())
    for name, documents in yesterday.items():
        database[name].delete_many({})
        database[name].insert_many(documents)
    assert store.read(["P1", "P2"]) == {}  # wrapped under an epoch that is over
    store.put_back(todays_keys)
    assert fields_of(store, "P2") == LI
    assert fields_of(store, "P1") is None


def test_lost_keys_come_back_from_their_backup(  # noqa: PLR0913, PLR0917 - a rehearsal's props
    opened: Open,
    county: str,
    mongodb_uri: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    """The rehearsal: keep, back up, lose every key, see that nothing opens, restore, read."""
    root_key, folder = tmp_path / "root_key", tmp_path / "keys"
    root_key.write_text(ROOT.hex())
    (passphrase := tmp_path / "passphrase").write_text(PASSPHRASE)
    monkeypatch.setenv("COUNTY", county)
    monkeypatch.setenv("MONGODB_URI", mongodb_uri)
    monkeypatch.setenv("VAULT_KEYS", str(folder))
    monkeypatch.setenv("VAULT_ROOT_KEY_FILE", str(root_key))
    saved, said = tmp_path / "keys.backup", ["--passphrase-file", str(passphrase)]
    opened().keep([about("P1")])
    assert command.main(["backup", str(saved), *said]) == 0
    assert saved.stat().st_mode & 0o777 == 0o600
    assert ROOT.hex() not in saved.read_text()
    assert command.main(["backup", str(saved), *said]) == 1
    assert "already" in capsys.readouterr().out

    for path in (root_key, *folder.iterdir()):
        path.unlink()
    assert opened().read(["P1"]) == {}
    (tmp_path / "wrong").write_text("another passphrase")
    wrong = ["--passphrase-file", str(tmp_path / "wrong")]
    assert command.main(["restore", str(saved), *wrong]) == 1
    assert command.main(["restore", str(saved), *said]) == 0
    assert fields_of(opened(), "P1") is not None

    root_key.write_text("00" * 32)
    assert command.main(["restore", str(saved), *said]) == 1
    with pytest.raises(KeysMissing):
        opened(root=bytes(32)).read(["P1"])
