"""Play a plausible working day against the running system, through its public API.

Some sixty requests from many grids are placed, triaged, dispatched, accepted or returned,
carried out and rated, by the demo county's accounts. Watch the board while it runs.
"""

import argparse
import asyncio
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from deploy.county.check import DEMO
from deploy.county.folder import read_county
from deploy.demo.people import Residents
from deploy.demo.signing_in import Entry, is_used_code, read_accounts, tries
from deploy.local.plan import Addresses

COUNTY = read_county(DEMO)
WORKING_HOURS = 9.0
MAX_TRIES = 30
PATIENCE_SECONDS = 30.0

STORIES: dict[str, int] = {
    "solved": 46,
    "still working": 12,
    "joint": 8,
    "sent back": 7,
    "returned": 7,
    "held and extended": 5,
    "rated poorly": 6,
    "withdrawn": 5,
    "declined": 4,
}
"""What becomes of a request, and how often out of a hundred."""


class Stuck(Exception):  # noqa: N818 - what the system said goes into the summary
    """A step was refused or nothing happened in time."""


@dataclass
class Day:
    """The system under play: one signed-in client per account, and a clock that runs faster."""

    url: str
    accounts: dict[str, Entry]
    seconds: float
    began: float = field(default_factory=time.monotonic)
    told: Counter[str] = field(default_factory=Counter)
    _clients: dict[str, httpx.AsyncClient] = field(default_factory=dict)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def until(self, hour: float) -> None:
        """Wait for an hour of the working day (0 to 9), as fast as the day is played."""
        wait = hour / WORKING_HOURS * self.seconds - (time.monotonic() - self.began)
        await asyncio.sleep(max(0.0, wait))

    async def client(self, account: str) -> httpx.AsyncClient:
        async with self._lock:
            if account not in self._clients:
                client = httpx.AsyncClient(base_url=self.url, timeout=20)
                await self._sign_in(client, account)
                self._clients[account] = client
            return self._clients[account]

    async def _sign_in(self, client: httpx.AsyncClient, account: str) -> None:
        for wait, body in tries(self.accounts[account]):
            await asyncio.sleep(wait)
            answer = await client.post("/api/v1/session", json=body)
            if not is_used_code(answer.text):
                answer.raise_for_status()
                return
        raise Stuck(f"{account}: every code was used already")

    async def post(self, account: str, path: str, **body: Any) -> dict[str, Any]:
        """One write, repeated under the same key until the system has answered."""
        client, key = await self.client(account), uuid.uuid4().hex
        for attempt in range(MAX_TRIES):
            try:
                headers = {"Idempotency-Key": key}
                answer = await client.post(f"/api/v1{path}", json=body, headers=headers)
            except httpx.TransportError:
                await asyncio.sleep(min(2.0, 0.1 * 2**attempt))
                continue
            if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                await asyncio.sleep(float(answer.headers.get("Retry-After", "1")))
                continue
            if answer.is_error:
                raise Stuck(f"{path.rpartition('/')[2]}: {answer.json().get('detail')}")
            said: dict[str, Any] = answer.json()
            return said
        raise Stuck("no answer")

    async def case(
        self, account: str, request_id: str, is_ready: Callable[[dict[str, Any]], Any]
    ) -> dict[str, Any]:
        """The case, as soon as it is as one waits for it."""
        client, until = await self.client(account), time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            answer = await client.get(f"/api/v1/requests/{request_id}")
            if answer.is_success and is_ready(answer.json()):
                found: dict[str, Any] = answer.json()
                return found
            await asyncio.sleep(0.2)
        raise Stuck(f"waited in vain for {is_ready.__name__}")

    async def close(self) -> None:
        for client in self._clients.values():
            await client.aclose()


@dataclass(frozen=True)
class Plan:
    """One request's day: where, when (hours since opening), and what becomes of it."""

    worker: str
    grid_id: str
    clerk: str
    wish: dict[str, Any]
    hour: float
    pace: float
    story: str

    def at(self, step: int) -> float:
        return min(WORKING_HOURS, self.hour + step * self.pace)


def plans(count: int, seed: int) -> list[Plan]:
    """The day's requests in the order in which they come; the same seed makes the same day."""
    chance, residents = random.Random(seed), Residents(seed)
    areas = {area.area_id: area for area in COUNTY.areas}
    desks = {
        desk: account.account_id
        for account in COUNTY.accounts
        if account.role == "desk_clerk"
        for desk in account.area_ids
    }
    workers = sorted(COUNTY.grids_by_worker.items())
    found = []
    for _ in range(count):
        worker, grids = chance.choice(workers)
        village = areas[str(areas[chance.choice(grids)].parent_id)]
        found.append(
            Plan(
                worker=worker,
                grid_id=chance.choice(grids),
                clerk=desks[str(village.parent_id)],
                wish=residents.next_wish(village.name),
                hour=chance.triangular(0, WORKING_HOURS * 0.85, WORKING_HOURS * 0.3),
                pace=chance.uniform(0.15, 0.5),
                story=chance.choices([*STORIES], [*STORIES.values()])[0],
            )
        )
    return sorted(found, key=lambda plan: plan.hour)


async def play(day: Day, plan: Plan) -> None:
    """One request from its first word to its rating, or to wherever its story ends."""
    await day.until(plan.at(0))
    placed = await day.post(plan.worker, "/requests", grid_id=plan.grid_id, **plan.wish)
    request = f"/requests/{placed['request_id']}"
    await day.until(plan.at(1))
    if plan.story == "declined":
        note = "已电话说明，该事项请向主管部门反映。"
        await day.post(plan.clerk, f"{request}/decline", reason="out_of_scope", note=note)
        return
    if plan.story == "sent back":
        note = "请补充具体门牌号。"
        await day.post(plan.clerk, f"{request}/send-back", reason="address_missing", note=note)
        await day.post(plan.worker, f"{request}/resubmission", note="已核实并补充门牌号。")
    by_hand = plan.story == "joint"
    await day.post(plan.clerk, f"{request}/acceptance", is_dispatched_by_hand=by_hand)
    await _serve(day, plan, placed["request_id"])


async def _serve(day: Day, plan: Plan, request_id: str) -> None:
    request = f"/requests/{request_id}"
    case = await day.case(plan.worker, request_id, is_matched)
    if not case["orders"]:
        case = await _rule(day, request_id, "volunteer", case, is_joint=plan.story == "joint")
    if plan.story == "withdrawn":
        await day.post(plan.worker, f"{request}/withdrawal", reason="solved_itself")
        return
    if plan.story == "returned":
        order = _current(case)
        path = f"{request}/work-orders/{order['work_order_id']}/return"
        note = "该户情况由兄弟单位跟进更合适。"
        await day.post(order["organization_id"], path, reason="other_owner", note=note)
        case = await day.case(plan.worker, request_id, is_returned)
        case = await _rule(day, request_id, order["organization_id"], case)
    await day.until(plan.at(2))
    for order in case["orders"]:
        if order["part"] == "supporting":
            await _support(day, request_id, order)
    if plan.story == "still working":
        await day.post(plan.worker, f"{request}/expedite")
        await _deliver(day, plan, case, is_finished=False)
        return
    await _deliver(day, plan, case, is_finished=True)
    if plan.story == "rated poorly":
        note = "问题没有真正解决，希望再来一次。"
        await day.post(plan.worker, f"{request}/rating", score=2, note=note)
        again = await day.case(plan.worker, request_id, is_dispatched)
        await _deliver(day, plan, again, is_finished=True)
    await day.until(plan.at(5))
    await day.post(plan.worker, f"{request}/rating", score=random.choice((4, 5, 5)))
    await _visit(day, request_id)


async def _rule(
    day: Day, request_id: str, returned_by: str, case: dict[str, Any], *, is_joint: bool = False
) -> dict[str, Any]:
    """The centre sends somebody else, who offers the service if anybody else does; or a team."""
    offering = [
        organization.organization_id
        for organization in COUNTY.organizations
        if organization.organization_id != returned_by
        and any(offer.service_code == case["service_code"] for offer in organization.offers)
    ]
    chosen = offering[0] if offering else "red-cross"
    path = f"/requests/{request_id}/work-orders"
    team = {"supporting_ids": [_helper_of(chosen)]} if is_joint else {}
    note = "请贵单位牵头办理。"
    await day.post("center-dispatcher-1", path, organization_id=chosen, note=note, **team)
    return await day.case("center-dispatcher-1", request_id, is_dispatched)


def _helper_of(lead: str) -> str:
    return "womens-federation" if lead != "womens-federation" else "youth-league"


async def _support(day: Day, request_id: str, order: dict[str, Any]) -> None:
    """A supporting organisation does its part."""
    organization = order["organization_id"]
    path = f"/requests/{request_id}/work-orders/{order['work_order_id']}"
    await day.post(organization, f"{path}/acceptance")
    await day.post(organization, f"{path}/first-contact", note="已与牵头单位对接。")
    note = "已完成配合事项。"
    await day.post(organization, f"{path}/completion", outcome="solved", note=note)


async def _hold_and_extend(day: Day, organization: str, path: str) -> None:
    """The family is away for a while; then a little more time is needed. The centre agrees."""
    review = (datetime.now(UTC) + timedelta(days=7)).date().isoformat()
    note = "服务对象外出，约定回来后上门。"
    await day.post(
        organization, f"{path}/hold", reason="resident_away", review_on=review, note=note
    )
    await day.post("center-dispatcher-1", f"{path}/hold-grant")
    await day.post(organization, f"{path}/resumption")
    extra = {"amount": 1, "unit": "working_day"}
    await day.post(organization, f"{path}/extension", extra=extra, note="需再上门一次。")
    await day.post("center-dispatcher-1", f"{path}/extension-grant")


async def _visit(day: Day, request_id: str) -> None:
    """The caller asks the resident, if the case was drawn for a return visit."""
    case = await day.case("caller-1", request_id, is_rated)
    if case["visit"]:
        answers = {"is_contacted": True, "is_solved": True, "satisfaction": "satisfied"}
        await day.post(
            "caller-1", f"/requests/{request_id}/return-visit", is_reached=True, **answers
        )


async def _deliver(day: Day, plan: Plan, case: dict[str, Any], *, is_finished: bool) -> None:
    """Accept, send somebody, contact, report, complete."""
    order = _current(case)
    organization, order_id = order["organization_id"], order["work_order_id"]
    path = f"/requests/{case['request_id']}/work-orders/{order_id}"
    staff = f"{organization}-staff-1"
    await day.post(organization, f"{path}/acceptance")
    await day.post(organization, f"{path}/staff", staff_id=staff)
    await day.until(plan.at(3))
    await day.post(staff, f"{path}/first-contact", note="已电话联系，约好上门时间。")
    if not is_finished:
        return
    if plan.story == "held and extended":
        await _hold_and_extend(day, organization, path)
    await day.post(staff, f"{path}/progress", note="已上门服务一次。")
    await day.until(plan.at(4))
    note = "服务已完成，群众确认。"
    await day.post(staff, f"{path}/completion", outcome="solved", note=note)
    await day.case(plan.worker, case["request_id"], is_completed)


def is_matched(case: dict[str, Any]) -> bool:
    """Matching has spoken: it chose somebody, or left it to a person."""
    return bool(case["needs_ruling"]) or is_dispatched(case)


def is_dispatched(case: dict[str, Any]) -> bool:
    return _is(case, "dispatched") and _current(case)["status"] == "dispatched"


def is_returned(case: dict[str, Any]) -> bool:
    return _is(case, "returned")


def is_rated(case: dict[str, Any]) -> bool:
    """The last word is in the register, and whether somebody will ask the resident."""
    return case["score"] is not None


def is_completed(case: dict[str, Any]) -> bool:
    return _is(case, "completed")


def _is(case: dict[str, Any], status: str) -> bool:
    return bool(case["status"] == status)


def _current(case: dict[str, Any]) -> dict[str, Any]:
    order: dict[str, Any] = [one for one in case["orders"] if one["part"] == "lead"][-1]
    return order


async def _tell(day: Day, plan: Plan) -> None:
    """Play one request and count how it went."""
    try:
        await play(day, plan)
        day.told[plan.story] += 1
    except Stuck as reason:
        day.told[f"stuck: {plan.story}: {reason}"] += 1


async def _run(day: Day, planned: list[Plan]) -> None:
    playing = [asyncio.create_task(_tell(day, plan)) for plan in planned]
    while True:
        done = sum(task.done() for task in playing)
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{done}/{len(playing)} requests have had their day")
            sys.stderr.flush()
        if done == len(playing):
            break
        await asyncio.wait(playing, timeout=1.0)
    await day.close()


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.demo.day", description=__doc__)
    local = Path(".local")
    parser.add_argument("--url", help="the gateway (default: the one that `make run` started)")
    parser.add_argument("--accounts", type=Path, default=local / "accounts.json")
    parser.add_argument("--requests", type=int, default=60, help="how many (default: 60)")
    parser.add_argument("--seconds", type=float, default=60, help="how long the day takes")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    url = asked.url or Addresses.load(local).gateway_url
    day = Day(url, read_accounts(asked.accounts), asked.seconds)
    asyncio.run(_run(day, plans(asked.requests, asked.seed)))
    sys.stdout.write("\n")
    for story, count in day.told.most_common():
        sys.stdout.write(f"{count:4d}  {story}\n")
    return 1 if any(story.startswith("stuck") for story in day.told) else 0


if __name__ == "__main__":
    sys.exit(main())
