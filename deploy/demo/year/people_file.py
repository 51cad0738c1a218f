"""Whom the year's requests are about, and what was noted: in the vault, as always."""

from deploy.demo.year.arrivals import Wish
from shared.adapters.mongo_vault import VaultStore, Wanted
from shared.personal import Note, Particulars, PersonalRecord, kind_of

BATCH = 500


class PeopleFile:
    """Keeps personal records many at a time."""

    def __init__(self, vault: VaultStore) -> None:
        self._vault = vault
        self._people: list[Wanted] = []
        self._notes: list[Wanted] = []

    def keep_particulars(self, record_id: str, case: str, wish: Wish) -> None:
        record = Particulars.model_validate(wish["particulars"])
        self._people.append(_wanted(record_id, case, record))

    def keep_note(self, record_id: str, case: str, text: str) -> None:
        self._notes.append(_wanted(record_id, case, Note(text=text)))
        if len(self._notes) >= BATCH:
            self.close()

    def close(self) -> None:
        """Write what waits: people first, as a remark lies under the key of a person."""
        for waiting in (self._people, self._notes):
            for start in range(0, len(waiting), BATCH):
                self._vault.keep(waiting[start : start + BATCH])
            waiting.clear()


def _wanted(record_id: str, case: str, record: PersonalRecord) -> Wanted:
    return Wanted(record_id, kind_of(record), case, record.model_dump(mode="json"))
