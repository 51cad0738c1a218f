"""What has to be done so that a running system is what the files say: commands, none twice."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from deploy.county.entries import AccountEntry, AreaEntry, CountyFiles, OrganizationEntry
from services.county.domain.changes import changes
from shared.access import SEPARATED
from shared.contracts.accounts import ChangeScope, OpenAccount
from shared.contracts.actor import Actor
from shared.contracts.county import AdoptRules, Rules
from shared.contracts.dispatch import (
    Offer,
    RegisterOrganization,
    RenameOrganization,
    SetServiceMenu,
)
from shared.contracts.grid import (
    AreaKind,
    AssignGridWorker,
    RegisterArea,
    RelieveGridWorker,
    RenameArea,
)
from shared.contracts.message import Command
from shared.county_rules import DEFAULT_RULES
from shared.labels import COMMAND, ROLE

SET_UP = Actor(account_id="county-setup", role="administrator")
ACCOUNTS_SET_UP = Actor(account_id="accounts-setup", role="security_administrator")
"""The files speak with two voices, because no account holds both duties."""

DEPTH: Mapping[AreaKind, int] = {
    "county": 0,
    "center": 1,
    "station": 2,
    "township_center": 2,
    "village": 3,
    "grid": 4,
}
LAST = max(DEPTH.values()) + 1
"""Areas follow their parents; who works in them comes after all of them."""


@dataclass(frozen=True)
class Standing:
    """What a running system knows: entries as the files would have them, by id.

    `workers` of each grid; `disabled` accounts; `rules_of_that_name`: what the version that the
    files name has meant so far.
    """

    areas: Mapping[str, AreaEntry] = field(default_factory=dict)
    workers: Mapping[str, frozenset[str]] = field(default_factory=dict)
    organizations: Mapping[str, OrganizationEntry] = field(default_factory=dict)
    accounts: Mapping[str, AccountEntry] = field(default_factory=dict)
    disabled: frozenset[str] = frozenset()
    rules: Rules = DEFAULT_RULES
    rules_of_that_name: Rules | None = None


class Step(NamedTuple):
    """One command, after all of a lower `order`, and what it does in words."""

    order: int
    command: Command
    said: str


@dataclass(frozen=True)
class Difference:
    """Steps in their order; and conflicts, which files cannot solve: nothing is done then."""

    steps: list[Step]
    conflicts: list[str]

    @property
    def waves(self) -> list[list[Step]]:
        """Steps that may be taken side by side, wave after wave."""
        orders = sorted({step.order for step in self.steps})
        return [[step for step in self.steps if step.order == order] for order in orders]


def difference(county: CountyFiles, now: Standing, at: datetime) -> Difference:
    """Commands for what the files say and the system does not, stamped with `at`."""
    stamp: dict[str, Any] = {"at": at, "by": SET_UP}
    steps = [
        *_areas(county, now, stamp),
        *_organizations(county, now, stamp),
        *_accounts(county, now, stamp),
        *_workers(county, now, stamp),
        *_rules(county, now, stamp),
    ]
    return Difference(sorted(steps, key=lambda step: step.order), [*_conflicts(county, now)])


def _step(order: int, command: Command, *about: str) -> Step:
    return Step(order, command, " ".join((COMMAND[type(command).__name__], *about)))


def _areas(county: CountyFiles, now: Standing, stamp: dict[str, Any]) -> Iterator[Step]:
    for area in county.areas:
        if area.area_id not in now.areas:
            command = RegisterArea(**stamp, **area.model_dump())
            yield _step(DEPTH[area.kind], command, area.area_id, area.name)
        elif (old := now.areas[area.area_id].name) != area.name:
            rename = RenameArea(**stamp, area_id=area.area_id, name=area.name)
            yield _step(0, rename, area.area_id, f"{old} → {area.name}")


def _organizations(county: CountyFiles, now: Standing, stamp: dict[str, Any]) -> Iterator[Step]:
    for one in county.organizations:
        id, known = one.organization_id, now.organizations.get(one.organization_id)
        if known is None:
            command = RegisterOrganization(**stamp, **one.model_dump(exclude={"offers"}))
            yield _step(0, command, id, one.name)
        elif known.name != one.name:
            rename = RenameOrganization(**stamp, organization_id=id, name=one.name)
            yield _step(0, rename, id, f"{known.name} → {one.name}")
        before = known.offers if known else ()
        if one.offers != before:
            menu = SetServiceMenu(**stamp, organization_id=id, offers=one.offers)
            yield _step(1, menu, one.name, _menu_change(before, one.offers))


def _menu_change(before: tuple[Offer, ...], after: tuple[Offer, ...]) -> str:
    old, new = ({offer.service_code: offer for offer in menu} for menu in (before, after))
    told = {
        "增加": [code for code in new if code not in old],
        "去掉": [code for code in old if code not in new],
        "修改": [code for code in new if code in old and new[code] != old[code]],
    }
    return "，".join(f"{word} {'、'.join(codes)}" for word, codes in told.items() if codes)


def _accounts(county: CountyFiles, now: Standing, stamp: dict[str, Any]) -> Iterator[Step]:
    stamp = {**stamp, "by": ACCOUNTS_SET_UP}
    for entry in county.accounts:
        known, said = now.accounts.get(entry.account_id), entry.model_dump()
        if known is None:
            yield _step(0, OpenAccount(**stamp, **said), entry.account_id)
        elif known != entry and entry.account_id not in now.disabled:
            yield _step(0, ChangeScope(**stamp, **said), entry.account_id)


def _workers(county: CountyFiles, now: Standing, stamp: dict[str, Any]) -> Iterator[Step]:
    """Grid workers of the files take care of just the grids that the files say."""
    for worker, grids in county.grids_by_worker.items():
        had = [grid for grid, workers in now.workers.items() if worker in workers]
        for grid in grids:
            if grid not in had:
                assign = AssignGridWorker(**stamp, grid_id=grid, worker_id=worker)
                yield _step(LAST, assign, grid, worker)
        for grid in had:
            if grid not in grids:
                relieve = RelieveGridWorker(**stamp, grid_id=grid, worker_id=worker)
                yield _step(LAST, relieve, grid, worker)


def _rules(county: CountyFiles, now: Standing, stamp: dict[str, Any]) -> Iterator[Step]:
    if county.rules != now.rules:
        changed = (
            f"\n    {one.field}：{one.before or '（无）'} → {one.after or '（无）'}"
            for one in changes(now.rules, county.rules)
        )
        command = AdoptRules(**stamp, rules=county.rules)
        yield _step(0, command, county.rules.version + "".join(changed))


def _conflicts(county: CountyFiles, now: Standing) -> Iterator[str]:
    for area in county.areas:
        placed = now.areas.get(area.area_id, area)
        if (placed.kind, placed.parent_id) != (area.kind, area.parent_id):
            yield f"区域 {area.area_id} 已按别的类型或上级登记；请先移除，或换一个编码"
    for one in county.organizations:
        known = now.organizations.get(one.organization_id, one)
        if known.kind != one.kind:
            yield f"群团组织 {one.organization_id} 已按别的类型登记；请换一个编号"
    yield from _account_conflicts(county, now)
    if now.rules_of_that_name not in {None, county.rules}:
        yield f"规则版本 {county.rules.version} 已经用于另一套规则；改动后请换一个版本名"


def _account_conflicts(county: CountyFiles, now: Standing) -> Iterator[str]:
    for entry in county.accounts:
        if entry.account_id in now.disabled:
            yield f"账号 {entry.account_id} 已经停用；请换一个账号名，或从文件中删去"
        was = now.accounts.get(entry.account_id, entry).role
        if was != entry.role and not SEPARATED.isdisjoint({was, entry.role}):
            yield f"账号 {entry.account_id} 是{ROLE[was]}，不能与其他岗位互换；请换一个账号名"


def not_in_the_files(county: CountyFiles, now: Standing) -> list[str]:
    """What the system has and the files do not say: it stays, but somebody may want to know."""
    return [
        *_beyond("区域", now.areas, (one.area_id for one in county.areas)),
        *_beyond("群团组织", now.organizations, (o.organization_id for o in county.organizations)),
    ]


def _beyond(what: str, known: Iterable[str], said: Iterable[str]) -> Iterator[str]:
    if beyond := sorted({*known} - {*said}):
        yield f"系统中另有 {len(beyond)} 个{what}不在文件中，保持不变：{'、'.join(beyond[:10])}"
