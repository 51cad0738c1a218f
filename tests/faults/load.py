"""A moderate load: several grids place requests, and walk some of them through the main job."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import pytest

from tests.faults.people import PATIENCE, Book, Person, Refused

PACE = 0.2
"""Seconds between two requests of one grid."""

WALKED = 3
"""Every third request is walked to its end; the others are only placed."""


@dataclass(frozen=True)
class Route:
    """Who asks for what, who triages it and who will deliver it."""

    worker: str
    grid_id: str
    clerk: str
    service_code: str
    beneficiary_category: str
    organization: str

    @property
    def accounts(self) -> set[str]:
        return {self.worker, self.clerk, self.organization}


ROUTES = (
    Route(
        *("grid-worker-01", "539901001201-01", "desk-clerk-01"),
        *("home-rehabilitation", "disabled_person", "disabled-federation"),
    ),
    Route(
        *("grid-worker-03", "539901002201-01", "desk-clerk-02"),
        *("farm-technology", "resident", "science-association"),
    ),
    Route(
        *("grid-worker-05", "539901003201-01", "desk-clerk-03"),
        *("culture-visit", "resident", "literary-federation"),
    ),
)


class Cast:
    """The three people of one route, for one thread."""

    def __init__(self, url: str, route: Route, cookies: Mapping[str, str], book: Book) -> None:
        def person(account: str) -> Person:
            return Person(url, account, cookies[account], book)

        self._route = route
        self._worker = person(route.worker)
        self._clerk = person(route.clerk)
        self._organization = person(route.organization)

    def close(self) -> None:
        for person in (self._worker, self._clerk, self._organization):
            person.close()

    def place(self) -> str:
        """Place one request; its id."""
        route = self._route
        placed = self._worker.write(
            "requests",
            grid_id=route.grid_id,
            service_code=route.service_code,
            beneficiary_category=route.beneficiary_category,
            particulars={"name": "王小明", "phone": "13812345678", "address": "东门路12号"}
            | {"text": "需要上门服务"},
        )
        return str(placed["request_id"])

    def have_dispatched(self) -> tuple[str, str]:
        """Place a request and have it triaged; its id, and that of its work order."""
        request_id = self.place()
        request = f"requests/{request_id}"
        with pytest.raises(Refused, match="not_yours"):
            self._worker.write(f"{request}/acceptance")  # a grid worker may not triage
        self._clerk.write(f"{request}/acceptance")
        row = self._worker.wait_until_case_is(request_id, status="dispatched")
        return request_id, str(row["orders"][0]["work_order_id"])

    def walk(self) -> str:
        """Place a request and see it through to its rating; its id."""
        request_id, work_order_id = self.have_dispatched()
        request = f"requests/{request_id}"
        order = f"{request}/work-orders/{work_order_id}"
        self._organization.write(f"{order}/acceptance")
        self._organization.write(f"{order}/first-contact", note="已电话联系")
        self._organization.write(f"{order}/completion", outcome="solved", note="已完成")
        self._worker.wait_until_case_is(request_id, status="completed")
        self._worker.write(f"{request}/rating", score=5)
        self._worker.wait_until_case_is(request_id, score=5)
        return request_id


class Load:
    """`with Load(…) as load:` runs one thread per route; leaving it waits for all to finish."""

    def __init__(self, url: str, cookies: Mapping[str, str], book: Book) -> None:
        self._book = book
        self._stop = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._run, args=(Cast(url, route, cookies, book),))
            for route in ROUTES
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        self._raise_failure()

    def wait_for_more(self, count: int) -> None:
        """Until so many more writes have been acknowledged."""
        wanted, until = len(self._book.acknowledged) + count, time.monotonic() + PATIENCE
        while len(self._book.acknowledged) < wanted:
            self._raise_failure()
            assert time.monotonic() < until, f"{count} more writes were not acknowledged in time"
            time.sleep(0.05)

    def _run(self, cast: Cast) -> None:
        number = 0
        try:
            while not self._stop.wait(PACE):
                number += 1
                _ = cast.walk() if number % WALKED == 1 else cast.place()
        except BaseException as failure:  # the last edge of a thread: raised again by whoever waits
            self._failures.append(failure)
        finally:
            cast.close()

    def _raise_failure(self) -> None:
        if self._failures:
            raise self._failures[0]
