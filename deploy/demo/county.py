"""The demo county 云岭县: a 1+4+N grid, ten mass organisations with menus, and accounts. Invented.

Codes have the shape of the statistical division codes (6/9/12 digits), in a range nobody uses.
"""

from dataclasses import dataclass

from shared.contracts.actor import Role
from shared.contracts.dispatch import Offer, OrganizationKind
from shared.contracts.grid import AreaKind
from shared.contracts.requests import BeneficiaryCategory

COUNTY = "539901"
CENTER = "539901-center"


@dataclass(frozen=True)
class Area:
    id: str
    kind: AreaKind
    name: str
    parent_id: str | None


@dataclass(frozen=True)
class Organization:
    id: str
    kind: OrganizationKind
    name: str
    offers: tuple[Offer, ...]


@dataclass(frozen=True)
class Account:
    id: str
    role: Role
    organization_id: str | None = None
    area_ids: tuple[str, ...] = ()


STATIONS: dict[str, tuple[str, tuple[str, ...]]] = {
    "539901001": ("城东党群服务站", ("东门社区", "文昌社区")),
    "539901002": ("城西党群服务站", ("西湖社区", "茶马社区")),
    "539901003": ("城南党群服务站", ("南门社区", "凤凰社区")),
    "539901004": ("城北党群服务站", ("北山社区", "锦屏社区")),
}
TOWNSHIPS: dict[str, tuple[str, tuple[str, ...]]] = {
    "539901101": ("青石镇群团综合服务中心", ("石门村", "大树村", "清水村")),
    "539901102": ("云峰镇群团综合服务中心", ("云头村", "竹坪村", "响水村")),
    "539901103": ("白马乡群团综合服务中心", ("白马村", "花椒村", "岩脚村")),
    "539901104": ("龙潭乡群团综合服务中心", ("龙潭村", "河边村", "高寨村")),
    "539901105": ("红岩乡群团综合服务中心", ("红岩村", "梨园村", "月亮村")),
}
GRIDS_PER_VILLAGE = 2
NUMERALS = "一二三四"


def areas() -> list[Area]:
    """The whole tree, parents before children."""
    tree = [
        Area(COUNTY, "county", "云岭县", None),
        Area(CENTER, "center", "云岭县群团综合服务中心", COUNTY),
    ]
    for code, (name, villages) in STATIONS.items():
        tree += [Area(code, "station", name, CENTER), *_villages(code, villages)]
    for code, (name, villages) in TOWNSHIPS.items():
        tree += [Area(code, "township_center", name, CENTER), *_villages(code, villages)]
    return tree


def _villages(parent: str, names: tuple[str, ...]) -> list[Area]:
    found: list[Area] = []
    for number, name in enumerate(names, start=1):
        code = f"{parent}{200 + number}"
        found.append(Area(code, "village", name, parent))
        for grid in range(1, GRIDS_PER_VILLAGE + 1):
            title = f"{name}第{NUMERALS[grid - 1]}网格"
            found.append(Area(f"{code}-{grid:02d}", "grid", title, code))
    return found


def _offer(code: str, name: str, *categories: BeneficiaryCategory) -> Offer:
    return Offer(
        service_code=code, name=name, area_ids=(COUNTY,), beneficiary_categories=categories
    )


ORGANIZATIONS: tuple[Organization, ...] = (
    Organization(
        "trade-union",
        "trade_union",
        "云岭县总工会",
        (
            _offer("hardship-relief", "困难帮扶", "worker_in_hardship", "resident"),
            _offer("labor-rights", "职工维权咨询"),
            _offer("skill-training", "技能培训"),
        ),
    ),
    Organization(
        "youth-league",
        "youth_league",
        "共青团云岭县委",
        (
            _offer("child-companion", "困境儿童陪伴", "child_in_difficulty"),
            _offer("volunteer-help", "青年志愿服务"),
            _offer("youth-employment", "青年就业服务"),
        ),
    ),
    Organization(
        "womens-federation",
        "womens_federation",
        "云岭县妇女联合会",
        (
            _offer("left-behind-care", "留守妇女关爱", "left_behind_woman", "resident"),
            _offer("family-mediation", "家庭纠纷调解"),
            _offer("child-companion", "困境儿童陪伴", "child_in_difficulty"),
        ),
    ),
    Organization(
        "science-association",
        "science_association",
        "云岭县科学技术协会",
        (_offer("farm-technology", "农技指导"), _offer("science-talk", "科普讲座")),
    ),
    Organization(
        "disabled-federation",
        "disabled_federation",
        "云岭县残疾人联合会",
        (
            _offer("home-rehabilitation", "上门康复", "disabled_person"),
            _offer("assistive-device", "辅具适配", "disabled_person"),
            _offer("barrier-free", "无障碍改造", "disabled_person"),
        ),
    ),
    Organization(
        "red-cross",
        "red_cross",
        "云岭县红十字会",
        (
            _offer("hardship-relief", "困难帮扶"),
            _offer("first-aid-training", "应急救护培训"),
        ),
    ),
    Organization(
        "literary-federation",
        "literary_federation",
        "云岭县文学艺术界联合会",
        (_offer("culture-visit", "文艺下乡"),),
    ),
    Organization(
        "overseas-chinese-federation",
        "overseas_chinese_federation",
        "云岭县归国华侨联合会",
        (_offer("overseas-family", "侨眷服务"),),
    ),
    Organization(
        "commerce-federation",
        "commerce_federation",
        "云岭县工商业联合会",
        (_offer("job-matching", "用工对接"), _offer("skill-training", "技能培训")),
    ),
    Organization(
        "family-planning-association",
        "family_planning_association",
        "云岭县计划生育协会",
        (_offer("family-health", "家庭健康服务"),),
    ),
)

STAFF_PER_ORGANIZATION = 2


def accounts() -> list[Account]:
    """Posts, not people: the names say what an account may do."""
    return [
        *_grid_workers(),
        *_desk_clerks(),
        *_organization_accounts(),
        Account("center-dispatcher-1", "center_dispatcher"),
        Account("leader-1", "leader"),
        Account("caller-1", "return_visit_caller"),
        Account("auditor-1", "auditor"),
        Account("administrator-1", "administrator"),
    ]


def grid_workers() -> dict[str, tuple[str, ...]]:
    """Grid worker → grids: one per village, who looks after all of its grids."""
    grids = [area for area in areas() if area.kind == "grid"]
    villages = list(dict.fromkeys(grid.parent_id for grid in grids))
    return {
        f"grid-worker-{number:02d}": tuple(g.id for g in grids if g.parent_id == village)
        for number, village in enumerate(villages, start=1)
    }


def _grid_workers() -> list[Account]:
    return [Account(id, "grid_worker", None, grids) for id, grids in grid_workers().items()]


def _desk_clerks() -> list[Account]:
    desks = [*STATIONS, *TOWNSHIPS]
    return [
        Account(f"desk-clerk-{number:02d}", "desk_clerk", None, (desk,))
        for number, desk in enumerate(desks, start=1)
    ]


def _organization_accounts() -> list[Account]:
    found: list[Account] = []
    for organization in ORGANIZATIONS:
        found.append(Account(organization.id, "organization_dispatcher", organization.id))
        found += [
            Account(f"{organization.id}-staff-{number}", "service_staff", organization.id)
            for number in range(1, STAFF_PER_ORGANIZATION + 1)
        ]
    return found
