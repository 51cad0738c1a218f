"""A vault of one's own: a database, a folder of keys, and two people to keep."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient
from pymongo.database import Database

from shared.adapters.key_folder import KeyFolder
from shared.adapters.mongo import Document
from shared.adapters.mongo_vault import VaultStore, Wanted
from shared.sealing import new_key

ROOT = new_key()
WANG = {"name": "王小明", "phone": "13812345678", "address": "东门路12号", "text": "屋顶漏水"}
LI = {**WANG, "name": "李小红"}


def about(record_id: str, case: str = "R1", **fields: str) -> Wanted:
    return Wanted(record_id, "particulars", case, {**WANG, **fields})


def fields_of(store: VaultStore, record_id: str) -> dict[str, Any] | None:
    found = store.read([record_id]).get(record_id)
    return found.fields if found else None


@pytest.fixture
def database(mongodb: MongoClient[Document], county: str) -> Database[Document]:
    return mongodb[f"{county}_vault"]


@pytest.fixture
def opened(database: Database[Document], county: str, tmp_path: Path) -> Callable[..., VaultStore]:
    def open_it(suite: int = 1, root: bytes = ROOT) -> VaultStore:
        keys = KeyFolder(tmp_path / "keys", root, county)
        store = VaultStore(database, keys, county, suite)
        store.create_indexes()
        return store

    return open_it


@pytest.fixture
def store(opened: Callable[..., VaultStore]) -> VaultStore:
    return opened()
