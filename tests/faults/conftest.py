"""One running county for all faults, in the order of the story: each finds what the last left."""

from collections.abc import Iterator

import pytest

from deploy.local.private import Stack
from tests.faults.county import County


@pytest.fixture(scope="session")
def county() -> Iterator[County]:
    with Stack(county="faults", with_demo=True) as stack:
        county = County(stack)
        try:
            yield county
        finally:
            county.close()
