"""A view of work orders in a real database."""

import pytest
from pymongo import MongoClient

from services.timers.domain.order_clocks import OrderClocks, order_clocks
from shared.adapters.mongo import Document
from shared.adapters.mongo_views import ViewStore


@pytest.fixture
def rows(mongodb: MongoClient[Document], county: str) -> ViewStore[OrderClocks]:
    store = ViewStore(mongodb[f"{county}_timers"], order_clocks)
    store.create_indexes()
    return store
