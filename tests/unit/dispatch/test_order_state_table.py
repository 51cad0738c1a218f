"""Every command about one work order in every state of it: what follows, or how it is refused."""

from typing import Any

import pytest

from services.dispatch.domain.work_orders import work_orders
from shared.contracts import dispatch as msg
from shared.contracts.registry import COMMANDS
from shared.contracts.working_time import Limit
from shared.lifecycle import WHEN_ORDER
from shared.rejection import Rejected
from tests.unit.dispatch.cast import (
    CLOCKS,
    DAY,
    HELPER,
    HOUR,
    KNOWN,
    LEAD,
    NOON,
    asked,
    center,
    helper,
    helper_accepted,
    helper_contacted,
    helper_done,
    helper_returned,
    lead_accepted,
    lead_contacted,
    leader,
    system,
    team,
)

LATER = NOON + DAY
_HELD = {"reason": "resident_away", "review_at": NOON + 7 * DAY}
_BEFORE = (*team, lead_accepted, lead_contacted)
on_hold = (
    msg.HoldAsked(**HELPER, **_HELD, note_id="N1"),
    msg.HoldGranted(**HELPER, **_HELD, held_at=NOON + HOUR),
)
extra = Limit(amount=1, unit="working_day")

STATES = {
    "dispatched": (),
    "accepted": (helper_accepted,),
    "contacted": (helper_accepted, helper_contacted),
    "on_hold": (helper_accepted, *on_hold),
    "asks_extension": (
        helper_accepted,
        msg.ExtensionAsked(**HELPER, extra=extra, note_id="N1"),
    ),
    "asks_hold": (helper_accepted, on_hold[0]),
    "supervised": (
        helper_accepted,
        msg.SupervisionOrdered(
            **HELPER, supervision_id="W1.1.d1", level="center", cause="person", answer_by=LATER
        ),
    ),
    "completed": (helper_accepted, helper_contacted, helper_done),
    "returned": (helper_returned,),
    "excused": (msg.WorkOrderExcused(**HELPER, reason="not_needed"),),
    "cancelled": (msg.WorkOrderCancelled(**HELPER, reason="request_withdrawn"),),
}

#  !  not now    *  not found    -  nothing    otherwise: the events by their letters
#  A accepted  R returned  S staff  F first contact  D delivered  C completed
#  r ruled  w ruled + dispatched  L lead changed  X excused  E extension asked  G granted  N refused
#  h hold asked  g hold granted  n hold refused  u resumed  V supervision  v answered  a alarm
# fmt: off
TABLE = """
                      dispatched accepted contacted on_hold asks_extension asks_hold supervised completed returned excused cancelled
AcceptWorkOrder        A          !        !         !       !              !         !          !         !        !       !
ReturnWorkOrder        R          R        !         !       R              R         R          !         !        !       !
AssignStaff            S          S        S         S       S              S         S          !         !        !       !
RecordFirstContact     !          F        !         !       F              F         F          !         !        !       !
RecordProgress         !          D        D         D       D              D         D          !         !        !       !
CompleteWorkOrder      !          !        C         !       !              !         !          !         !        !       !
AskForHelp             !          !        !         !       !              !         !          !         !        !       !
RuleOnReturn           !          !        !         !       !              !         !          !         w        !       !
RuleOnReturn:nobody    !          !        !         !       !              !         !          !         r        !       !
ChangeLead             !          L        L         L       L              L         L          !         !        !       !
ExcuseWorkOrder        X          X        X         X       X              X         X          !         !        !       !
AskExtension           E          E        E         !       !              E         E          !         !        !       !
GrantExtension         !          !        !         !       G              !         !          !         !        !       !
RefuseExtension        !          !        !         !       N              !         !          !         !        !       !
AskHold                !          h        h         !       h              !         h          !         !        !       !
GrantHold              !          !        !         !       !              g         !          !         !        !       !
RefuseHold             !          !        !         !       !              n         !          !         !        !       !
ResumeWork             !          !        !         u       !              !         !          !         !        !       !
ResumeWork:timer       -          -        -         u       -              -         -          -         -        -       -
OrderSupervision       V          V        V         V       V              V         !          !         !        !       !
AnswerSupervision      *          *        *         *       *              *         v          !         !        !       !
RaiseAlarm             a          a        a         -       a              a         a          -         -        -       -
OrderSupervision:ladder V         V        V         -       V              V         V          -         -        -       -
"""  # noqa: E501 - a table is read across
# fmt: on

LETTERS = {
    "A": [msg.WorkOrderAccepted],
    "R": [msg.WorkOrderReturned],
    "S": [msg.StaffAssigned],
    "F": [msg.FirstContactRecorded],
    "D": [msg.ServiceDelivered],
    "C": [msg.WorkOrderCompleted],
    "r": [msg.ReturnRuled],
    "w": [msg.ReturnRuled, msg.WorkOrderDispatched],
    "L": [msg.LeadChanged],
    "X": [msg.WorkOrderExcused],
    "E": [msg.ExtensionAsked],
    "G": [msg.ExtensionGranted],
    "N": [msg.ExtensionRefused],
    "h": [msg.HoldAsked],
    "g": [msg.HoldGranted],
    "n": [msg.HoldRefused],
    "u": [msg.WorkResumed],
    "V": [msg.SupervisionOrdered],
    "v": [msg.SupervisionAnswered],
    "a": [msg.AlarmRaised],
    "-": [],
}
REFUSALS = {"!": "not_allowed_now", "*": "not_found"}
BY_THE_CENTER = (
    msg.RuleOnReturn,
    msg.ChangeLead,
    msg.ExcuseWorkOrder,
    msg.GrantExtension,
    msg.RefuseExtension,
    msg.GrantHold,
    msg.RefuseHold,
)
OVERDUE = CLOCKS.complete.due_at + HOUR
FIELDS: dict[str, dict[str, Any]] = {
    "ReturnWorkOrder": {"reason": "other_owner"},
    "AssignStaff": {"staff_id": "staff-5"},
    "RecordProgress": {"note_id": "N1"},
    "CompleteWorkOrder": {"outcome": "solved", "note_id": "N1"},
    "AskForHelp": {"organization_id": "org-third"},
    "RuleOnReturn": {"organization_id": "org-third"},
    "ExcuseWorkOrder": {"reason": "not_needed"},
    "AskExtension": {"extra": extra, "note_id": "N1"},
    "RefuseExtension": {"note_id": "N1"},
    "AskHold": {**_HELD, "note_id": "N1"},
    "RefuseHold": {"note_id": "N1"},
    "OrderSupervision": {"level": "center"},
    "OrderSupervision:ladder": {"level": "center", "cause": "ladder", "at": OVERDUE},
    "AnswerSupervision": {"supervision_id": "W1.1.d1", "note_id": "N1"},
    "RaiseAlarm": {"limit": "complete", "level": "red", "due_at": CLOCKS.complete.due_at},
}

ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
CELLS = [
    pytest.param(name, state, expected, id=f"{name}-when-{state}")
    for name, *row in ROWS
    for state, expected in zip(STATES, row, strict=True)
]


def command_named(name):
    kind = COMMANDS[name.partition(":")[0]]
    by = center if kind in BY_THE_CENTER else helper
    by = leader if name == "OrderSupervision" else by
    by = system if name == "RaiseAlarm" or name.endswith((":timer", ":ladder")) else by
    return asked(kind, by, "W1.1", **{"at": NOON + HOUR, **FIELDS.get(name, {})})


def outcome_of(command, orders):
    try:
        return [type(event) for event in work_orders.decide(command, orders, KNOWN)]
    except Rejected as refusal:
        return refusal.code


@pytest.mark.parametrize(("name", "state", "expected"), CELLS)
def test_each_command_in_each_state(name, state, expected):
    orders = work_orders.replay((*_BEFORE, *STATES[state]))
    assert outcome_of(command_named(name), orders) == REFUSALS.get(expected, LETTERS.get(expected))


def test_the_table_leaves_no_command_about_one_order_out():
    asked_for = {kind.__name__ for kind in WHEN_ORDER} | {"RaiseAlarm"}
    assert {name.partition(":")[0] for name, *_ in ROWS} == asked_for


def test_the_lead_is_another_matter():
    """What only a lead may do, and what it may not, is told in test_teams."""
    lead = work_orders.replay(_BEFORE).lead
    assert lead
    assert lead.work_order_id == LEAD["work_order_id"]
