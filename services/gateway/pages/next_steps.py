"""Which acts a page offers to whom, and when: a hint for people. The services decide anyway."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from services.gateway.api.acts import DISPATCH, ON_A_REQUEST, ON_A_WORK_ORDER, REVEAL, Act
from services.gateway.pages.questions import QUESTIONS, Question
from shared.access import may
from shared.contracts import dispatch, requests
from shared.contracts.actor import Actor
from shared.contracts.message import Command
from shared.labels import LIMIT_UNIT, SUPERVISION_LEVEL
from shared.lifecycle import OPEN, WHEN, WHEN_ORDER, RequestStatus

MAIN: frozenset[str] = frozenset(
    {
        "AcceptRequest",
        "ResubmitRequest",
        "RateService",
        "RecordReturnVisit",
        "DispatchWorkOrder",
        "RuleOnReturn",
        "GrantExtension",
        "GrantHold",
        "AcceptWorkOrder",
        "RecordFirstContact",
        "CompleteWorkOrder",
        "AnswerSupervision",
    }
)
"""The step that usually comes next is the one that stands out."""

WAITING_FOR: Mapping[RequestStatus, str] = {
    "placed": "受理员受理",
    "sent_back": "点单人补充后重新提交",
    "accepted": "派单",
    "dispatched": "承办单位接单",
    "taken_up": "承办单位办理",
    "returned": "县中心裁定由谁办理",
    "completed": "点单人评价或回访",
    "reopened": "重新派单",
    "merged": "主办事项办结",
}
"""Who moves next, for those who only look on."""

BY_HAND = {"is_dispatched_by_hand": "true"}
SUPPORTING = {"part": "supporting"}
FIXED = ("is_dispatched_by_hand", "part", "unit", "supervision_id")
"""What a step may say without asking."""


@dataclass(frozen=True)
class Step:
    """One act on offer: where its form goes, what it asks, and what it says without asking.

    `organization_id` is whose order it is about, where that is not the viewer's own.
    """

    act: Act
    url: str
    label: str = ""
    fixed: Mapping[str, str] = field(default_factory=dict)
    organization_id: str = ""

    @property
    def command(self) -> str:
        return self.act.command.__name__

    @property
    def variant(self) -> str:
        """Tells steps with one address apart."""
        return "-".join(self.fixed.values())

    @property
    def key(self) -> str:
        """Its id on the page, the same whatever other steps come and go."""
        return "-".join([*self.url.split("/")[3:], *self.fixed.values()])

    @property
    def title(self) -> str:
        return self.label or self.act.summary

    @property
    def questions(self) -> tuple[Question, ...]:
        return QUESTIONS.get(f"{self.command}:{self.variant}", QUESTIONS.get(self.command, ()))

    @property
    def is_main(self) -> bool:
        return self.command in MAIN and not self.fixed


def steps(actor: Actor, case: Mapping[str, Any]) -> list[Step]:
    """What this actor can do now, the usual next step first."""
    audience = tuple(case["audience"])
    found = [
        step
        for step in (*_on_orders(actor, case), *_on_the_request(case))
        if may(actor, step.command, audience)
    ]
    return sorted(found, key=lambda step: not step.is_main)


def may_reveal(actor: Actor, case: Mapping[str, Any]) -> bool:
    is_time = case["status"] in WHEN[REVEAL.command]
    return is_time and may(actor, "RevealContact", tuple(case["audience"]))


def may_attach(actor: Actor, case: Mapping[str, Any]) -> bool:
    is_time = case["status"] in WHEN[requests.AddAttachment]
    return is_time and may(actor, "AddAttachment", tuple(case["audience"]))


def may_remove(actor: Actor, case: Mapping[str, Any], attachment: Mapping[str, Any]) -> bool:
    """Whoever added it, and the desks."""
    if case["status"] not in WHEN[requests.RemoveAttachment]:
        return False
    is_own = attachment["added_by"] == actor.account_id
    is_desk = actor.role in {"desk_clerk", "center_dispatcher"}
    return (is_own or is_desk) and may(actor, "RemoveAttachment", tuple(case["audience"]))


def _on_the_request(case: Mapping[str, Any]) -> Iterator[Step]:
    base = f"/requests/{case['request_id']}/acts"
    yield from _sending(case, f"{base}/{DISPATCH.path}")
    for act in ON_A_REQUEST:
        if case["status"] in WHEN[act.command] and _fits_the_case(act.command, case):
            yield Step(act, f"{base}/{act.path}")
            if act.command is requests.AcceptRequest:
                yield Step(act, f"{base}/{act.path}", "受理并人工派单", BY_HAND)


def _sending(case: Mapping[str, Any], url: str) -> Iterator[Step]:
    """A desk or the centre sends a lead with its team, or one more supporter."""
    is_returned = any(_awaits_a_ruling(order) for order in case["orders"])
    if case["needs_ruling"] and case["status"] in OPEN and not is_returned:
        yield Step(DISPATCH, url)
    if case["status"] in {"dispatched", "taken_up"}:
        yield Step(DISPATCH, url, "增派配合单位", SUPPORTING)


def _fits_the_case(command: type[Command], case: Mapping[str, Any]) -> bool:
    """What a rule will refuse for another reason than the status is better not offered."""
    visit = case["visit"]
    if command is requests.ReopenRequest:
        return not case["merged_into"]
    if command is requests.RecordReturnVisit:
        return not (visit and visit["is_reached"])
    return True


def _on_orders(actor: Actor, case: Mapping[str, Any]) -> Iterator[Step]:
    for order in case["orders"]:
        if not _is_for(actor, order):
            continue
        base = f"/requests/{case['request_id']}/work-orders/{order['work_order_id']}/acts"
        whose = "" if actor.organization_id else str(order["organization_id"])
        for act in ON_A_WORK_ORDER:
            if order["status"] in WHEN_ORDER[act.command] and _fits_the_order(act.command, order):
                yield from _about(act, f"{base}/{act.path}", order, whose)


def _about(act: Act, url: str, order: Mapping[str, Any], whose: str) -> Iterator[Step]:
    match act.command.__name__:
        case "AskExtension":
            unit = order["complete_within"]["unit"]
            title = f"申请延期（{LIMIT_UNIT[unit]}）"
            yield Step(act, url, title, {"unit": unit}, whose)
        case "AnswerSupervision":
            for one in order["supervisions"]:
                if not one["is_answered"]:
                    title = f"回复督办（{SUPERVISION_LEVEL[one['level']]}）"
                    fixed = {"supervision_id": one["supervision_id"]}
                    yield Step(act, url, title, fixed, whose)
        case _:
            yield Step(act, url, organization_id=whose)


def _fits_the_order(  # noqa: C901, PLR0911 - a table: one line per kind of act
    command: type[Command], order: Mapping[str, Any]
) -> bool:
    """What a rule will refuse for another reason than the status is better not offered."""
    is_held, is_lead = bool(order["held_at"]), bool(order["part"] == "lead")
    if command in _NOT_WHILE_HELD and is_held:
        return False
    if command in {dispatch.GrantExtension, dispatch.RefuseExtension}:
        return bool(order["extension_asked"])
    if command in {dispatch.GrantHold, dispatch.RefuseHold}:
        return bool(order["hold_asked"])
    if command is dispatch.AskExtension:
        return bool(order["complete_within"]) and not order["extension_asked"]
    if command is dispatch.AskHold:
        return not order["hold_asked"]
    if command is dispatch.ResumeWork:
        return is_held
    if command is dispatch.RuleOnReturn:
        return _awaits_a_ruling(order)
    if command is dispatch.AskForHelp:
        return is_lead
    if command in {dispatch.ChangeLead, dispatch.ExcuseWorkOrder}:
        return not is_lead
    return True


_NOT_WHILE_HELD = frozenset(
    {
        dispatch.ReturnWorkOrder,
        dispatch.RecordFirstContact,
        dispatch.CompleteWorkOrder,
        dispatch.AskForHelp,
        dispatch.AskExtension,
        dispatch.AskHold,
    }
)


def _awaits_a_ruling(order: Mapping[str, Any]) -> bool:
    return bool(order["status"] == "returned" and not order["is_ruled"])


def _is_for(actor: Actor, order: Mapping[str, Any]) -> bool:
    """An organisation's own order; for those who oversee the county, every one."""
    if actor.organization_id is None:
        return True
    if order["organization_id"] != actor.organization_id:
        return False
    return actor.role != "service_staff" or actor.account_id in order["staff_ids"]
