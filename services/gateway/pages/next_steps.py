"""Which acts a page offers to whom, and when: a hint for people. The services decide anyway."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from services.gateway.api.acts import DISPATCH, ON_A_REQUEST, ON_A_WORK_ORDER, REVEAL, Act
from shared.access import may
from shared.contracts.actor import Actor
from shared.lifecycle import OPEN, WHEN, WHEN_ORDER, RequestStatus


@dataclass(frozen=True)
class Question:
    """One field of an act's form. `table`: the labels to choose from (shared.labels)."""

    name: str
    label: str
    kind: str
    table: str = ""
    is_required: bool = True


_NOTE = Question("note", "说明（选填）", "text", is_required=False)
_MUST_NOTE = Question("note", "说明", "text")

QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "SendBackRequest": (Question("reason", "缺什么", "choice", "SendBackReason"), _NOTE),
    "ResubmitRequest": (Question("note", "补充的内容", "text"),),
    "DeclineRequest": (Question("reason", "原因", "choice", "DeclineReason"), _NOTE),
    "WithdrawRequest": (Question("reason", "原因", "choice", "WithdrawReason"), _NOTE),
    "RateService": (Question("score", "群众是否满意", "score", "Score"), _NOTE),
    "DispatchWorkOrder": (Question("organization_id", "派给哪个单位", "organization"), _NOTE),
    "ReturnWorkOrder": (
        Question("reason", "原因", "choice", "ReturnReason"),
        Question("proposed_organization_id", "建议由谁办理（选填）", "organization", "", False),
        _NOTE,
    ),
    "AssignStaff": (Question("staff_id", "服务人员账号", "account"),),
    "RecordFirstContact": (_NOTE,),
    "RecordProgress": (_MUST_NOTE,),
    "CompleteWorkOrder": (Question("outcome", "办理结果", "choice", "Outcome"), _MUST_NOTE),
}
"""What the form of a command asks; a command that is not here needs no more than a press."""

MAIN: frozenset[str] = frozenset(
    {
        "AcceptRequest",
        "ResubmitRequest",
        "RateService",
        "DispatchWorkOrder",
        "AcceptWorkOrder",
        "RecordFirstContact",
        "CompleteWorkOrder",
    }
)
"""The step that usually comes next is the one that stands out."""

WAITING_FOR: Mapping[RequestStatus, str] = {
    "placed": "受理员受理",
    "sent_back": "点单人补充后重新提交",
    "accepted": "派单",
    "dispatched": "承办单位接单",
    "taken_up": "承办单位办理",
    "returned": "县中心重新派单",
    "completed": "点单人评价",
    "reopened": "重新派单",
}
"""Who moves next, for those who only look on."""


@dataclass(frozen=True)
class Step:
    """One act on offer: where its form goes and what it asks."""

    act: Act
    url: str

    @property
    def command(self) -> str:
        return self.act.command.__name__

    @property
    def key(self) -> str:
        """Its id on the page, the same whatever other steps come and go."""
        return "-".join(self.url.split("/")[3:])

    @property
    def questions(self) -> tuple[Question, ...]:
        return QUESTIONS.get(self.command, ())

    @property
    def is_main(self) -> bool:
        return self.command in MAIN


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


def _on_the_request(case: Mapping[str, Any]) -> Iterator[Step]:
    base = f"/requests/{case['request_id']}/acts"
    if case["needs_ruling"] and case["status"] in OPEN:
        yield Step(DISPATCH, f"{base}/{DISPATCH.path}")
    for act in ON_A_REQUEST:
        if case["status"] in WHEN[act.command]:
            yield Step(act, f"{base}/{act.path}")


def _on_orders(actor: Actor, case: Mapping[str, Any]) -> Iterator[Step]:
    for order in case["orders"]:
        if not _is_own(actor, order):
            continue
        base = f"/requests/{case['request_id']}/work-orders/{order['work_order_id']}/acts"
        for act in ON_A_WORK_ORDER:
            if order["status"] in WHEN_ORDER[act.command]:
                yield Step(act, f"{base}/{act.path}")


def _is_own(actor: Actor, order: Mapping[str, Any]) -> bool:
    if order["organization_id"] != actor.organization_id:
        return False
    return actor.role != "service_staff" or actor.account_id in order["staff_ids"]
