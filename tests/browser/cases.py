"""Cases brought by other people, over the API, to where a test of a page begins."""

import uuid
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import APIRequestContext

from deploy.local.waiting import wait_until
from tests.browser.conftest import Account, Person, Room

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Colleague:
    """Somebody who works on the same case elsewhere."""

    http: APIRequestContext

    def does(self, path: str, **body: Any) -> dict[str, Any]:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = self.http.post(f"/api/v1{path}", data=body, headers=headers)
        assert answer.ok, answer.text()
        said: dict[str, Any] = answer.json()
        return said

    def sees(self, path: str) -> dict[str, Any]:
        answer = self.http.get(f"/api/v1{path}")
        assert answer.ok, answer.text()
        said: dict[str, Any] = answer.json()
        return said


@dataclass(frozen=True)
class Work:
    """A case whose work order its organisation has taken up."""

    case: str
    order: str
    account: Account
    colleague: Colleague

    def note(self, text: str) -> None:
        self.colleague.does(f"{self.order}/progress", note=text)


def colleague(person: Person) -> Colleague:
    return Colleague(person.context.request)


def placed(room: Room) -> str:
    """The address of a request that was just placed."""
    worker = room.worker("grid_worker")
    grid = room.served.account("grid_worker").area_ids[0]
    said = colleague(worker).does(
        "/requests",
        grid_id=grid,
        service_code="hardship-relief",
        particulars={"name": "王小明", "phone": "13812345678", "address": "东街1号"}
        | {"text": "屋顶漏雨"},
    )
    return f"/requests/{said['request_id']}"


def until(who: Colleague, case: str, **wanted: Any) -> None:
    """Wait until a case is as wanted."""
    wait_until(lambda: wanted.items() <= who.sees(case).items(), f"{wanted}", PATIENCE_SECONDS)


def taken_up(room: Room) -> Work:
    """Placed, accepted, dispatched by the rules, and taken up by the chosen organisation."""
    case = placed(room)
    grid = room.served.account("grid_worker").area_ids[0]
    desk = colleague(room.worker("desk_clerk", area_id=grid))
    desk.does(f"{case}/acceptance")
    until(desk, case, status="dispatched")
    [order] = desk.sees(case)["orders"]
    organization = order["organization_id"]
    account = room.served.account("organization_dispatcher", organization_id=organization)
    doer = colleague(room.worker("organization_dispatcher", organization_id=organization))
    path = f"{case}/work-orders/{order['work_order_id']}"
    doer.does(f"{path}/acceptance")
    until(doer, case, status="taken_up")
    return Work(case, path, account, doer)
