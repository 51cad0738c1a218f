"""One running county for all faults, in the order of the story: each finds what the last left."""

from collections.abc import Iterator

import pytest

from deploy.local.private import Stack
from deploy.local.supervision import Supervisor
from tests.faults.county import County


@pytest.fixture(scope="session")
def county() -> Iterator[County]:
    with Stack(county="faults", with_demo=True) as stack:
        county = County(stack)
        try:
            yield county
        finally:
            county.close()


@pytest.fixture(autouse=True)
def _nothing_stays_stopped(county: County) -> Iterator[None]:
    """A test that failed half-way must not make those after it fail too."""
    yield
    for name, process in Supervisor(county.stack.folder).states().items():
        if process.state == "STOPPED":
            county.stack.process(name).start()
