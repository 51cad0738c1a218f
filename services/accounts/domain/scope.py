"""Which role fits which part of the county, and which roles one account never changes between."""

from services.accounts.domain.words import Wished
from shared.access import SEPARATED
from shared.contracts.actor import Actor, Role
from shared.labels import ROLE
from shared.rejection import InvalidInput, NotAllowedNow

WORKS_IN_AREAS: frozenset[Role] = frozenset({"grid_worker", "desk_clerk"})
NEVER_SIGNS_IN: frozenset[Role] = frozenset({"system", "resident"})
WORKS_FOR_AN_ORGANIZATION: frozenset[Role] = frozenset({"organization_dispatcher", "service_staff"})
RESERVED = frozenset({"system", "resident", "county-setup", "accounts-setup"})
"""Names under which the house itself writes into the log."""


def refuse_an_unfit_scope(wished: Wished) -> None:
    """A role that works in areas names them, one that works for an organisation names that."""
    role = wished.role
    if role in NEVER_SIGNS_IN:
        raise InvalidInput(f"“{ROLE[role]}”不是可以登录的岗位，请重新选择", role="请选择一个岗位")
    if problems := _area_problems(wished) | _organization_problems(wished):
        raise InvalidInput(f"“{ROLE[role]}”的工作范围不正确，请修改后再提交", **problems)


def refuse_a_name_of_the_house(account_id: str) -> None:
    """Raises InvalidInput: entries of the log must not be mistaken for somebody's."""
    if account_id in RESERVED:
        raise InvalidInput("这个账号名由系统保留", account_id="请换一个账号名")


def refuse_to_mix_duties(before: Actor, role: Role) -> None:
    """三员分立: whoever set up, gave out rights or looked on does nothing else under that name."""
    if role != before.role and not SEPARATED.isdisjoint({role, before.role}):
        raise NotAllowedNow(
            "系统管理员、安全管理员、审计员的账号不能与其他岗位互换，请停用后另开新账号",
            role="请保留原岗位",
        )


def _area_problems(wished: Wished) -> dict[str, str]:
    needs_areas = wished.role in WORKS_IN_AREAS
    if needs_areas == bool(wished.area_ids):
        return {}
    return {"area_ids": "请填写负责的区域" if needs_areas else "这个岗位不分区域，请留空"}


def _organization_problems(wished: Wished) -> dict[str, str]:
    needs_organization = wished.role in WORKS_FOR_AN_ORGANIZATION
    if needs_organization == (wished.organization_id is not None):
        return {}
    remedy = "请填写所在的群团组织" if needs_organization else "这个岗位不属于群团组织，请留空"
    return {"organization_id": remedy}
