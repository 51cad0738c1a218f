"""From files to commands: what is new, what has changed, what stands against it, none twice."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from deploy.county.difference import (
    ACCOUNTS_SET_UP,
    SET_UP,
    Standing,
    difference,
    not_in_the_files,
)
from deploy.county.entries import CountyFiles
from deploy.county.folder import read_county
from services.accounts.domain.account import account
from services.county.domain.county_rules import county_rules
from services.dispatch.domain.organization import organization
from services.grid.domain.area import Knowledge, area
from shared.contracts.accounts import ChangeScope, OpenAccount
from shared.contracts.county import AdoptRules
from shared.contracts.dispatch import RegisterOrganization, SetServiceMenu
from shared.contracts.grid import AssignGridWorker, RegisterArea, RelieveGridWorker
from shared.contracts.message import Command
from shared.rules_in_force import KEY
from tests.unit.deploy.small_county import write

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)


@pytest.fixture
def county(tmp_path) -> CountyFiles:
    return read_county(write(tmp_path))


@pytest.fixture
def loaded(county: CountyFiles) -> Standing:
    """What the system knows when it is just what the files say."""
    return Standing(
        areas={one.area_id: one for one in county.areas},
        workers={
            grid: frozenset({worker})
            for worker, grids in county.grids_by_worker.items()
            for grid in grids
        },
        organizations={one.organization_id: one for one in county.organizations},
        accounts={one.account_id: one for one in county.accounts},
        rules=county.rules,
        rules_of_that_name=county.rules,
    )


def commands(county: CountyFiles, now: Standing):
    return [step.command for step in difference(county, now, NOON).steps]


def test_an_empty_system_gets_everything_and_its_deciders_take_it_in_this_order(
    county: CountyFiles,
):
    """Within a wave the last one first, because no wave may depend on itself."""
    system = EmptySystem()
    for wave in difference(county, Standing(), NOON).waves:
        for step in reversed(wave):
            system.give(step.command)
    assert sum(map(len, system.events.values())) == 6 + 2 + 2 + 2 + 8 + 1
    assert county_rules.replay(system.events["county_rules-county"]).in_force == county.rules


class EmptySystem:
    """The real deciders, over streams in memory."""

    def __init__(self) -> None:
        self.events: dict[str, list[Any]] = {}

    def give(self, command: Command) -> None:
        said = command.said()
        match command:
            case RegisterArea(parent_id=parent_id):
                parent = area.replay(self.events.get(f"area-{parent_id}", ()))
                self._decide(area, said["area_id"], command, Knowledge(parent, None))
            case AssignGridWorker():
                self._decide(area, said["grid_id"], command, Knowledge())
            case RegisterOrganization() | SetServiceMenu():
                self._decide(organization, said["organization_id"], command, None)
            case OpenAccount():
                self._decide(account, said["account_id"], command, None)
            case _:
                self._decide(county_rules, KEY, command, None)

    def _decide(self, decider: Any, key: str, command: Command, knowledge: Any) -> None:
        stream = self.events.setdefault(f"{decider.category}-{key}", [])
        stream += decider.decide(command, decider.replay(stream), knowledge)


def test_what_is_there_already_is_not_done_again(county: CountyFiles, loaded: Standing):
    found = difference(county, loaded, NOON)
    assert (found.steps, found.conflicts) == ([], [])


def test_a_change_in_the_files_is_one_command(county: CountyFiles, loaded: Standing):
    stamp = {"at": NOON, "by": SET_UP}
    worker, *others = county.accounts
    other = county.rules.model_copy(update={"version": "small-2", "reopen_days": 20})
    menu = county.organizations[1].model_copy(update={"offers": ()})
    changed = replace(
        county,
        accounts=(worker.model_copy(update={"area_ids": ("0012",)}), *others),
        organizations=(county.organizations[0], menu),
        rules=other,
    )
    assert commands(changed, replace(loaded, rules_of_that_name=None)) == [
        ChangeScope(
            **{**stamp, "by": ACCOUNTS_SET_UP},
            account_id="worker-1",
            role="grid_worker",
            area_ids=("0012",),
        ),
        AdoptRules(**stamp, rules=other),
        SetServiceMenu(**stamp, organization_id="trade-union", offers=()),
        RelieveGridWorker(**stamp, grid_id="539901001201-01", worker_id="worker-1"),
    ]


def test_it_is_told_what_will_change(county: CountyFiles, loaded: Standing):
    other = county.rules.model_copy(update={"version": "small-2", "reopen_days": 20})
    menu = county.organizations[1].model_copy(update={"offers": ()})
    changed = replace(county, organizations=(county.organizations[0], menu), rules=other)
    said = [step.said for step in difference(changed, loaded, NOON).steps]
    assert said == [
        "启用县级规则 small-2\n    reopen_days：15 → 20",
        "设置服务菜单 总工会 去掉 relief",
    ]


def test_a_changed_name_is_a_renaming(county: CountyFiles, loaded: Standing):
    *areas, last = county.areas
    cross, union = county.organizations
    changed = replace(
        county,
        areas=(*areas, last.model_copy(update={"name": "新网格"})),
        organizations=(cross, union.model_copy(update={"name": "县总工会"})),
    )
    assert [step.said for step in difference(changed, loaded, NOON).steps] == [
        "区域改名 0012 第二网格 → 新网格",
        "群团组织改名 trade-union 总工会 → 县总工会",
    ]


def test_what_cannot_be_changed_is_told_and_stops_everything(county: CountyFiles, loaded: Standing):
    elsewhere = county.areas[-1].model_copy(update={"parent_id": "539901001"})
    moved = {**loaded.areas, "0012": elsewhere}
    meant = county.rules.model_copy(update={"reopen_days": 30})
    now = replace(loaded, areas=moved, disabled=frozenset({"clerk-1"}), rules_of_that_name=meant)
    assert difference(county, now, NOON).conflicts == [
        "区域 0012 已按别的类型或上级登记；请先移除，或换一个编码",
        "账号 clerk-1 已经停用；请换一个账号名，或从文件中删去",
        "规则版本 small-1 已经用于另一套规则；改动后请换一个版本名",
    ]


def test_what_the_files_do_not_say_stays(county: CountyFiles, loaded: Standing):
    fewer = replace(county, areas=county.areas[:-1], organizations=county.organizations[:1])
    assert not [one for one in commands(fewer, loaded) if not isinstance(one, RelieveGridWorker)]
    assert not_in_the_files(fewer, loaded) == [
        "系统中另有 1 个区域不在文件中，保持不变：0012",
        "系统中另有 1 个群团组织不在文件中，保持不变：trade-union",
    ]
