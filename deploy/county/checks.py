"""What the files have to say together: each thing once, and nothing about what is not there.

What a decider would refuse is asked of the decider itself, so that no rule is written twice.
"""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from deploy.county.credit_code import has_right_check_digit
from deploy.county.entries import (
    ACCOUNTS,
    AREAS,
    ORGANIZATIONS,
    RULES,
    AccountEntry,
    CountyFiles,
)
from deploy.county.marked import Path
from deploy.county.wording import did_you_mean
from services.accounts.domain.account import account
from services.county.domain.soundness import faults_of
from services.grid.domain.area import ABOVE
from shared.contracts.accounts import OpenAccount
from shared.contracts.actor import SYSTEM, Role
from shared.labels import AREA_KIND, ROLE
from shared.rejection import Rejected

ANY_TIME = datetime(2026, 1, 1, tzinfo=UTC)
CREDIT_CODE = re.compile(r"[0-9A-Z]{18}")


class Fault(NamedTuple):
    """Something wrong in one of the files."""

    file: str
    path: Path
    what: str
    remedy: str


Faults = Iterator[Fault]


def faults_in(county: CountyFiles) -> list[Fault]:
    """Everything that has to be put right before the county can be set up."""
    return [fault for check in CHECKS for fault in check(county)]


def areas_hang_together(county: CountyFiles) -> Faults:
    kinds = {area.area_id: area.kind for area in county.areas}
    ids = [area.area_id for area in county.areas]
    yield from _doubled(AREAS, ids, lambda number: ("areas", number, "area_id"))
    for number, area in enumerate(county.areas):
        where = ("areas", number, "parent_id")
        if area.kind == "county":
            if area.parent_id is not None:
                yield Fault(AREAS, where, "县是最上级", "请删去 parent_id")
        elif area.parent_id is None:
            what, remedy = f"“{area.name}”没有上级", f"请填写 parent_id，{_above(area.kind)}"
            yield Fault(AREAS, where, what, remedy)
        elif area.parent_id not in kinds:
            yield _stranger(AREAS, where, "区域", area.parent_id, ids)
        elif kinds[area.parent_id] not in ABOVE[area.kind]:
            what = f"“{AREA_KIND[area.kind]}”不能设在“{AREA_KIND[kinds[area.parent_id]]}”之下"
            yield Fault(AREAS, where, what, _above(area.kind))


def there_is_one_county(county: CountyFiles) -> Faults:
    found = [number for number, area in enumerate(county.areas) if area.kind == "county"]
    if not found:
        yield Fault(AREAS, ("areas",), "没有县", "请登记一个 kind: county 的区域")
    for number in found[1:]:
        yield Fault(AREAS, ("areas", number, "kind"), "县只能有一个", "请改为其他类型")


def organizations_are_told_apart(county: CountyFiles) -> Faults:
    ids = [one.organization_id for one in county.organizations]

    def where(number: int) -> Path:
        return ("organizations", number, "organization_id")

    yield from _doubled(ORGANIZATIONS, ids, where)
    for number, id in enumerate(ids):
        if CREDIT_CODE.fullmatch(id) and not has_right_check_digit(id):
            remedy = "请对照登记证书逐位核对（没有字母 I、O、S、V、Z）"
            yield Fault(ORGANIZATIONS, where(number), "统一社会信用代码的校验位不对", remedy)


def menus_can_be_served(county: CountyFiles) -> Faults:
    areas = [area.area_id for area in county.areas]
    for number, organization in enumerate(county.organizations):
        at: Path = ("organizations", number, "offers")
        codes = [offer.service_code for offer in organization.offers]
        yield from _doubled(ORGANIZATIONS, codes, lambda line, at=at: (*at, line, "service_code"))  # type: ignore[misc] # bound at once
        for line, offer in enumerate(organization.offers):
            where = (*at, line, "area_ids")
            if not offer.area_ids:
                yield Fault(ORGANIZATIONS, where, "没有服务区域", "请填写，全县都服务的填县的编码")
            yield from _strangers(ORGANIZATIONS, where, "区域", offer.area_ids, areas)


def services_have_one_name(county: CountyFiles) -> Faults:
    """The same service is called the same, whoever offers it."""
    names: dict[str, str] = {}
    for number, organization in enumerate(county.organizations):
        for line, offer in enumerate(organization.offers):
            known = names.setdefault(offer.service_code, offer.name)
            if known != offer.name:
                where = ("organizations", number, "offers", line, "name")
                what = f"服务“{offer.service_code}”在别处叫“{known}”"
                yield Fault(ORGANIZATIONS, where, what, "请统一名称，或换一个服务编码")


def accounts_fit_their_posts(county: CountyFiles) -> Faults:
    ids = [one.account_id for one in county.accounts]
    yield from _doubled(ACCOUNTS, ids, lambda number: ("accounts", number, "account_id"))
    for number, entry in enumerate(county.accounts):
        for name, remedy in _unfit(entry).items():
            what = f"“{ROLE[entry.role]}”的工作范围不正确"
            yield Fault(ACCOUNTS, ("accounts", number, name), what, remedy)


def accounts_work_somewhere(county: CountyFiles) -> Faults:
    kinds = {area.area_id: area.kind for area in county.areas}
    organizations = [one.organization_id for one in county.organizations]
    for number, entry in enumerate(county.accounts):
        at: Path = ("accounts", number)
        own = [entry.organization_id] if entry.organization_id else []
        yield from _strangers(
            ACCOUNTS, (*at, "organization_id"), "群团组织", own, organizations, is_list=False
        )
        yield from _strangers(ACCOUNTS, (*at, "area_ids"), "区域", entry.area_ids, kinds)
        for place, area in enumerate(entry.area_ids if entry.role == "grid_worker" else ()):
            if kinds.get(area, "grid") != "grid":
                what = f"“{area}”是{AREA_KIND[kinds[area]]}，不是网格"
                where = (*at, "area_ids", place)
                yield Fault(ACCOUNTS, where, what, "网格员请填写具体的网格")


def rules_can_be_used(county: CountyFiles) -> Faults:
    for where, remedy in faults_of(county.rules).items():
        steps = tuple(int(step) if step.isdigit() else step for step in where.split("."))
        yield Fault(RULES, steps, "规则不能这样设置", remedy)


CHECKS: Sequence[Callable[[CountyFiles], Faults]] = (
    areas_hang_together,
    there_is_one_county,
    organizations_are_told_apart,
    menus_can_be_served,
    services_have_one_name,
    accounts_fit_their_posts,
    accounts_work_somewhere,
    rules_can_be_used,
)


def hints_about(county: CountyFiles) -> list[Fault]:
    """What works, but may have been forgotten."""
    looked_after = {grid for grids in county.grids_by_worker.values() for grid in grids}
    return [*_idle_grids(county, looked_after), *_idle_organizations(county), *_empty_posts(county)]


def _idle_grids(county: CountyFiles, looked_after: Container[str]) -> Faults:
    for number, area in enumerate(county.areas):
        if area.kind == "grid" and area.area_id not in looked_after:
            what = f"网格“{area.name}”没有网格员"
            yield Fault(AREAS, ("areas", number), what, "如不是有意留空，请在 accounts.yaml 安排")


def _idle_organizations(county: CountyFiles) -> Faults:
    staffed = {
        one.organization_id for one in county.accounts if one.role == "organization_dispatcher"
    }
    for number, one in enumerate(county.organizations):
        if one.organization_id not in staffed:
            what = f"“{one.name}”没有群团管理员，派去的工单没有人接"
            where = ("organizations", number, "organization_id")
            yield Fault(ORGANIZATIONS, where, what, "请在 accounts.yaml 开通")


def _empty_posts(county: CountyFiles) -> Faults:
    roles = {one.role for one in county.accounts}
    needed: tuple[Role, ...] = (
        "center_dispatcher",
        "desk_clerk",
        "administrator",
        "security_administrator",
        "auditor",
    )
    for role in needed:
        if role not in roles:
            yield Fault(ACCOUNTS, ("accounts",), f"没有{ROLE[role]}", "请开通至少一个账号")


def _unfit(entry: AccountEntry) -> dict[str, str]:
    """What the accounts service itself has against this account."""
    wish = OpenAccount(at=ANY_TIME, by=SYSTEM, **entry.model_dump())
    try:
        account.decide(wish, account.initial, None)
    except Rejected as refusal:
        return refusal.fields
    return {}


def _doubled(file: str, ids: Iterable[str], where: Callable[[int], Path]) -> Faults:
    seen: set[str] = set()
    for number, id in enumerate(ids):
        if id in seen:
            yield Fault(file, where(number), f"“{id}”写了两次", "请删去一处，或换一个编码")
        seen.add(id)


def _strangers(  # noqa: PLR0913, PLR0917 - where, what, and who is known
    file: str,
    where: Path,
    what: str,
    wanted: Iterable[str],
    known: Iterable[str],
    is_list: bool = True,
) -> Faults:
    known = {*known}
    for place, id in enumerate(wanted):
        if id not in known:
            yield _stranger(file, (*where, place) if is_list else where, what, id, known)


def _stranger(file: str, where: Path, what: str, id: str, known: Iterable[str]) -> Fault:
    home = AREAS if what == "区域" else ORGANIZATIONS
    remedy = did_you_mean(id, known) or f"请先在 {home} 中登记，或更正编码"
    return Fault(file, where, f"没有“{id}”这个{what}", remedy)


def _above(kind: str) -> str:
    wanted = "或".join(sorted(AREA_KIND[one] for one in ABOVE[kind]))  # type: ignore[index] # an AreaKind
    return f"上级应为{wanted}"
