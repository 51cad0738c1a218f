"""A story has a sentence for every event there can be, and says what it holds."""

import json
from pathlib import Path

import pytest

from services.ledger.domain.story import entry, sentence
from shared.contracts.dispatch import Considered, WorkOrderDispatched
from shared.contracts.registry import EVENTS
from shared.lifecycle import REQUEST_EVENTS, WORK_ORDER_EVENTS
from shared.testing.facts import recorded

EXAMPLES = Path(__file__).parents[2] / "contracts" / "events"
TOLD = sorted(kind.__name__ for kind in (*REQUEST_EVENTS, *WORK_ORDER_EVENTS))


def example(name):
    (frozen,) = EXAMPLES.glob(f"{name}.v1.json")
    return EVENTS[name].model_validate_json(json.dumps(json.loads(frozen.read_text())))


@pytest.mark.parametrize("name", TOLD)
def test_every_event_of_a_case_is_told_in_chinese(name):
    said = sentence(recorded(example(name)), lambda id: id)
    assert said.startswith("系统")
    assert len(said) > len("系统")
    assert name not in said


def test_a_remark_is_named_and_not_told():
    event = example("RequestSentBack").model_copy(update={"note_id": "N7"})
    assert entry(recorded(event), lambda id: id).note_id == "N7"


def test_names_are_shown_where_they_are_known():
    said = sentence(recorded(example("WorkOrderAccepted")), lambda _: "残联")
    assert said == "系统代表残联接单"


def test_a_resident_who_rates_by_a_link_has_no_account_to_name():
    fact = recorded(example("ServiceRated"))
    by_link = fact._replace(commit=fact.commit._replace(by="resident", role="resident"))
    assert sentence(by_link, lambda id: id).startswith("群众评价")


def test_the_day_the_resident_came_is_told_where_it_is_known():
    event = example("RequestPlaced").model_copy(update={"stated_on": "2026-04-20"})
    assert sentence(recorded(event), lambda id: id).endswith("，群众于 2026-04-20 提出")


def considered(organization_id, rule, is_kept, **past):
    return Considered(
        organization_id=organization_id, rule=rule, is_kept=is_kept, open_orders=1, **past
    )


def test_a_dispatch_tells_which_rule_chose_whom_else_it_considered_and_by_which_figures():
    sent = WorkOrderDispatched(
        work_order_id="W1",
        request_id="R1",
        organization_id="union",
        part="lead",
        round=1,
        chosen_by="best_past_outcome",
        considered=(
            considered("league", "covers_the_area", False, finished=3, solved=3),
            considered("union", "best_past_outcome", True, finished=20, solved=18),
            considered("women", "best_past_outcome", False, finished=10, solved=6),
        ),
    )
    assert sentence(recorded(sent), lambda id: id).endswith(
        "（规则：同类服务解决率更高），办结 20 件、解决 18 件；"
        "另外考虑过：league（服务区域覆盖该网格）、"
        "women（同类服务解决率更高，办结 10 件、解决 6 件）"
    )
