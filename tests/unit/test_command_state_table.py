"""Every request command in every status, written out: what follows, or how it is refused."""

from datetime import UTC, datetime
from typing import Any, get_args

import pytest

from services.requests.domain.service_request import service_request
from services.requests.domain.state import Knowledge, ServiceRequest
from services.requests.domain.views import KnownArea
from shared.access import MAY
from shared.contracts import requests as msg
from shared.contracts.actor import SYSTEM, Actor
from shared.contracts.registry import COMMANDS, context_of
from shared.lifecycle import RequestStatus, status_after
from shared.rejection import Rejected

# fmt: off
STATUSES = (
    None, "placed", "sent_back", "accepted", "dispatched", "taken_up", "returned", "completed",
    "reopened", "closed", "declined", "withdrawn", "merged",
)

#  x  not found    !  not now    -  nothing    otherwise: the events by their letters
#  P placed  S sent back  U resubmitted  A accepted  N declined  W withdrawn  E expedited
#  D dispatched  T taken up  G assigned  B returned  Y part excused  L lead changed  C completed
#  R rated  O reopened  Z closed  V contact revealed  M merged  m unmerged  J joined
#  p attachment added (there is none to remove here)  a visit assigned  v visit recorded  i informed
TABLE = """
                      none placed sent_back accepted dispatched taken_up returned completed reopened closed declined withdrawn merged
PlaceRequest           P    -      -         -        -          -        -        -         -        -      -        -         -
AcceptRequest          x    A      !         !        !          !        !        !         !        !      !        !         !
SendBackRequest        x    S      !         !        !          !        !        !         !        !      !        !         !
ResubmitRequest        x    !      U         !        !          !        !        !         !        !      !        !         !
DeclineRequest         x    N      !         !        !          !        !        !         !        !      !        !         !
MergeRequest           x    M      !         !        !          !        !        !         !        !      !        !         !
UnmergeRequest         x    !      !         !        !          !        !        !         !        !      !        !         m
UnmergeRequest:sys     x    -      -         -        -          -        -        -         -        -      -        -         m
WithdrawRequest        x    W      W         W        W          W        W        !         W        !      !        !         !
ExpediteRequest        x    E      !         E        E          E        E        !         E        !      !        !         !
RateService:5          x    !      !         !        !          !        !        RZ        !        !      !        !         !
RateService:1          x    !      !         !        !          !        !        RO        !        !      !        !         !
ReopenRequest          x    !      !         !        !          !        !        O         !        O      !        !         !
RecordReturnVisit:no   x    !      !         !        !          !        !        v         !        v      !        !         !
RecordReturnVisit:yes  x    !      !         !        !          !        !        vZ        !        v      !        !         !
RecordReturnVisit:bad  x    !      !         !        !          !        !        vO        !        vO     !        !         !
CloseRequest           x    !      !         !        !          !        !        Z         !        !      !        !         !
CloseRequest:sys       x    -      -         -        -          -        -        Z         -        -      -        -         Z
RevealContact          x    V      V         V        V          V        V        V         V        !      !        !         !
AddAttachment          x    p      p         p        p          p        p        p         p        !      !        !         !
RemoveAttachment       x    x      x         x        x          x        x        !         x        !      !        !         !
RecordDispatch         -    -      -         D        -          -        D        -         D        -      -        -         -
RecordDispatch:sup     -    -      -         D        D          D        D        -         D        -      -        -         -
RecordAcceptance       -    -      -         -        T          -        -        -         -        -      -        -         -
RecordAssignment       -    -      -         -        G          G        -        -         -        -      -        -         -
RecordReturn           -    -      -         -        B          B        -        -         -        -      -        -         -
RecordExcuse           -    -      -         -        Y          Y        -        -         -        -      -        -         -
RecordLeadChange       -    -      -         -        L          L        L        -         -        -      -        -         -
CompleteRequest        -    -      -         -        C          C        -        -         -        -      -        -         -
RecordJoining          -    J      J         J        J          J        J        J         J        J      J        J         J
RecordLeaving          -    -      -         -        -          -        -        -         -        -      -        -         -
AssignReturnVisit      -    -      -         -        -          -        -        a         -        a      -        -         -
RecordMainCompletion   -    -      -         -        -          -        -        -         -        -      -        -         i
"""  # noqa: E501 - a table is read across
# fmt: on

LETTERS = {
    "P": msg.RequestPlaced,
    "S": msg.RequestSentBack,
    "U": msg.RequestResubmitted,
    "A": msg.RequestAccepted,
    "N": msg.RequestDeclined,
    "W": msg.RequestWithdrawn,
    "E": msg.RequestExpedited,
    "D": msg.RequestDispatched,
    "T": msg.RequestTakenUp,
    "G": msg.RequestAssigned,
    "B": msg.RequestReturned,
    "C": msg.RequestCompleted,
    "R": msg.ServiceRated,
    "O": msg.RequestReopened,
    "Z": msg.RequestClosed,
    "V": msg.ContactRevealed,
    "Y": msg.RequestPartExcused,
    "L": msg.RequestLeadChanged,
    "M": msg.RequestMerged,
    "m": msg.RequestUnmerged,
    "J": msg.RequestJoined,
    "i": msg.MainRequestCompleted,
    "a": msg.ReturnVisitAssigned,
    "v": msg.ReturnVisitRecorded,
    "p": msg.AttachmentAdded,
}
REFUSALS = {"x": "not_found", "!": "not_allowed_now"}

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
PATH = ("county-1", "village-7", "grid-03")
GRID = KnownArea(area_id="grid-03", kind="grid", path=PATH, name="三网格")
KNOWN = Knowledge(GRID, True, other_status="taken_up")
WHO = Actor(account_id="clerk-3", role="desk_clerk", area_ids=("village-7",))
ORDER = {"work_order_id": "R1.1.1", "organization_id": "org-1"}
SUPPORTING = {"work_order_id": "R1.1.2", "organization_id": "org-2"}
REACHED = {"is_reached": True, "is_contacted": True, "satisfaction": "satisfied"}
MATTER = {
    "grid_id": "grid-03",
    "service_code": "home-repair",
    "urgency": "normal",
    "beneficiary_category": "resident",
}

placed = msg.RequestPlaced(
    request_id="R1", **MATTER, area_ids=PATH, particulars_id="P1", placed_by="clerk-3"
)
accepted = msg.RequestAccepted(request_id="R1", **MATTER, area_ids=PATH)
dispatched = msg.RequestDispatched(request_id="R1", **ORDER)
taken_up = msg.RequestTakenUp(request_id="R1", **ORDER)
completed = msg.RequestCompleted(request_id="R1", work_order_id="R1.1.1")

HISTORIES: dict[RequestStatus | None, tuple[msg.RequestEvent, ...]] = {
    None: (),
    "placed": (placed,),
    "sent_back": (placed, msg.RequestSentBack(request_id="R1", reason="matter_unclear")),
    "accepted": (placed, accepted),
    "dispatched": (placed, accepted, dispatched),
    "taken_up": (placed, accepted, dispatched, taken_up),
    "returned": (placed, accepted, dispatched, msg.RequestReturned(request_id="R1", **ORDER)),
    "completed": (placed, accepted, dispatched, taken_up, completed),
    "reopened": (
        *(placed, accepted, dispatched, taken_up, completed),
        msg.ServiceRated(request_id="R1", score=1),
        msg.RequestReopened(request_id="R1", organization_id="org-1", round=2),
    ),
    "closed": (
        *(placed, accepted, dispatched, taken_up, completed),
        msg.RequestClosed(request_id="R1"),
    ),
    "declined": (placed, msg.RequestDeclined(request_id="R1", reason="duplicate")),
    "withdrawn": (placed, msg.RequestWithdrawn(request_id="R1", reason="solved_itself")),
    "merged": (placed, msg.RequestMerged(request_id="R1", into_id="R2")),
}

FIELDS = {
    "PlaceRequest": {**MATTER, "particulars_id": "P1"},
    "SendBackRequest": {"reason": "matter_unclear"},
    "ResubmitRequest": {"note_id": "N1"},
    "DeclineRequest": {"reason": "duplicate"},
    "WithdrawRequest": {"reason": "solved_itself"},
    "RateService:5": {"score": 5},
    "RateService:1": {"score": 1},
    "RevealContact": {"purpose": "home_visit"},
    "AddAttachment": {
        "attachment_id": "F1",
        "kind": "photo",
        "size": 200_000,
    },
    "RemoveAttachment": {"attachment_id": "F1", "reason": "unclear"},
    "MergeRequest": {"into_id": "R2"},
    "ReopenRequest": {"reason": "came_back"},
    "RecordReturnVisit:no": {"is_reached": False},
    "RecordReturnVisit:yes": REACHED | {"is_solved": True},
    "RecordReturnVisit:bad": REACHED | {"is_solved": False},
    "RecordDispatch": ORDER,
    "RecordDispatch:sup": SUPPORTING | {"part": "supporting"},
    "RecordExcuse": ORDER,
    "RecordLeadChange": SUPPORTING,
    "RecordJoining": {"joined_id": "R3"},
    "RecordLeaving": {"joined_id": "R3"},
    "RecordMainCompletion": {"into_id": "R2", "round": 1},
    "AssignReturnVisit": {"round": 1},
    "RecordAcceptance": ORDER,
    "RecordAssignment": {**ORDER, "staff_id": "staff-5"},
    "RecordReturn": ORDER,
    "CompleteRequest": {"work_order_id": "R1.1.1"},
}

ROWS = [line.split() for line in TABLE.strip().splitlines()[1:]]
CELLS = [
    pytest.param(name, status, expected, id=f"{name}-in-{status}")
    for name, *row in ROWS
    for status, expected in zip(STATUSES, row, strict=True)
]


def command_named(name):
    kind: Any = COMMANDS[name.split(":")[0]]
    is_wish = name.endswith(":sys") or MAY[kind.__name__] == {"system"}
    by = SYSTEM if is_wish else WHO
    return kind(request_id="R1", at=NOON, by=by, **FIELDS.get(name, {}))


def outcome_of(command, state: ServiceRequest):
    try:
        return [type(event) for event in service_request.decide(command, state, KNOWN)]
    except Rejected as refusal:
        return refusal.code


@pytest.mark.parametrize(("name", "status", "expected"), CELLS)
def test_each_command_in_each_status(name, status, expected):
    state = service_request.replay(HISTORIES[status])
    assert state.status == status
    letters = [LETTERS[letter] for letter in expected if letter in LETTERS]
    assert outcome_of(command_named(name), state) == REFUSALS.get(expected, letters)


def test_the_table_leaves_no_command_out():
    asked = {name for name in COMMANDS if context_of(name) == "requests"}
    assert {name.split(":")[0] for name, *_ in ROWS} == asked


def test_the_table_leaves_no_status_out():
    assert set(STATUSES) == {None, *get_args(RequestStatus)}


def test_a_status_is_reached_by_folding_the_same_events_as_any_screen_does():
    for status, history in HISTORIES.items():
        folded = None
        for event in history:
            folded = status_after(folded, event)
        assert folded == status
