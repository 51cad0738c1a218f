"""Requests and dispatch, moved by people in any order and by their policies: they stay in step."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain import policy as dispatch_policy
from services.dispatch.domain.knowledge import Knowledge as DispatchKnowledge
from services.dispatch.domain.matching import Candidate
from services.dispatch.domain.views import MenuLine
from services.dispatch.domain.work_orders import work_orders
from services.requests.domain import policy as requests_policy
from services.requests.domain.service_request import service_request
from services.requests.domain.state import Knowledge as RequestKnowledge
from services.requests.domain.views import KnownArea
from shared.contracts import dispatch, requests
from shared.contracts.actor import Actor
from shared.contracts.registry import context_of
from shared.lifecycle import OPEN
from shared.rejection import Rejected
from shared.testing.facts import NOON, recorded

PATH = ("county-1", "grid-03")
GRID = KnownArea(area_id="grid-03", kind="grid", path=PATH, name="三网格")
REPAIR = MenuLine(service_code="home-repair", name="居家维修", area_ids=("county-1",))
ALL = frozenset({"org-a", "org-b", "org-c"})
EVERYBODY = dispatch_policy.Knowledge(tuple(Candidate(f"org-{n}", (REPAIR,)) for n in "abc"))

clerk = Actor(account_id="clerk-3", role="desk_clerk", area_ids=("county-1",))
center = Actor(account_id="center-1", role="center_dispatcher")
caller = Actor(account_id="caller-1", role="return_visit_caller")
people = [
    Actor(account_id=f"disp-{n}", role="organization_dispatcher", organization_id=f"org-{n}")
    for n in "abc"
]
place = {
    "grid_id": "grid-03",
    "service_code": "home-repair",
    "urgency": "normal",
    "beneficiary_category": "resident",
    "particulars_id": "P1",
}
DESK = [
    (requests.PlaceRequest, place),
    (requests.AcceptRequest, {}),
    (requests.SendBackRequest, {"reason": "matter_unclear"}),
    (requests.ResubmitRequest, {"note_id": "N1"}),
    (requests.WithdrawRequest, {"reason": "solved_itself"}),
    (requests.ExpediteRequest, {}),
    (requests.RateService, {"score": 1}),
    (requests.RateService, {"score": 5}),
    (requests.CloseRequest, {}),
    (requests.ReopenRequest, {"reason": "not_solved"}),
    (requests.AcceptRequest, {"is_dispatched_by_hand": True}),
]
ANSWERS = [
    {"is_reached": False},
    {
        "is_reached": True,
        "is_contacted": True,
        "is_solved": True,
        "satisfaction": "very_satisfied",
    },
    {"is_reached": True, "is_contacted": True, "is_solved": False, "satisfaction": "angry"},
]
DAYS = timedelta(days=60)
ORGANIZATION = [
    (dispatch.AcceptWorkOrder, {}),
    (dispatch.ReturnWorkOrder, {"reason": "other_owner"}),
    (dispatch.AssignStaff, {"staff_id": "staff-5"}),
    (dispatch.RecordFirstContact, {}),
    (dispatch.RecordProgress, {"note_id": "N1"}),
    (dispatch.CompleteWorkOrder, {"outcome": "solved", "note_id": "N1"}),
    (dispatch.AskForHelp, {"organization_id": "org-c"}),
    (dispatch.AskHold, {"reason": "resident_away", "review_at": NOON + DAYS, "note_id": "N1"}),
    (dispatch.ResumeWork, {}),
]
CENTER = [
    (dispatch.RuleOnReturn, {"organization_id": "org-b"}),
    (dispatch.RuleOnReturn, {}),
    (dispatch.ChangeLead, {}),
    (dispatch.ExcuseWorkOrder, {"reason": "not_needed"}),
    (dispatch.GrantHold, {}),
]


class County:
    """Two streams and the news that each service has not yet reacted to."""

    def __init__(self):
        self.streams = {"requests": [], "dispatch": []}
        self.at = NOON
        self.unread = []

    @property
    def request(self):
        return service_request.replay(self.streams["requests"])

    @property
    def orders(self):
        return work_orders.replay(self.streams["dispatch"])

    def give(self, command):
        if context_of(type(command).__name__) == "requests":
            offered = RequestKnowledge(GRID, True, worked_by=frozenset({"clerk-3"}))
            self._record("requests", service_request.decide(command, self.request, offered))
        else:
            known = DispatchKnowledge(ALL, frozenset({"staff-5"}))
            self._record("dispatch", work_orders.decide(command, self.orders, known))

    def ask(self, command):
        try:
            self.give(command)
        except Rejected:
            return

    def settle(self):
        """Policies react until there is no news; they are never refused."""
        while self.unread:
            fact = recorded(self.unread.pop(0), at=self.at)
            known = requests_policy.Knowledge(self.request, ("caller-1",))
            wished = requests_policy.react(fact, known)
            for wish in [*wished, *dispatch_policy.react(fact, EVERYBODY)]:
                self.give(wish)

    def _record(self, context, events):
        self.streams[context].extend(events)
        self.unread.extend(events)


def desk_step(county, kind, fields):
    county.ask(kind(request_id="R1", at=county.at, by=clerk, **fields))


def dispatch_step(county, organization_id, supporting_ids, part, who):
    order_id = f"W{len(county.orders.orders) + 1}"
    which = {"request_id": "R1", "work_order_id": order_id, "organization_id": organization_id}
    team = {"supporting_ids": supporting_ids, "part": part}
    county.ask(dispatch.DispatchWorkOrder(**which, **team, at=county.at, by=who))


def order_step(county, kind, fields, who, which=-1):
    orders = county.orders.orders
    chosen = orders[which % len(orders)].work_order_id if orders else "R1.1.1"
    county.ask(kind(request_id="R1", work_order_id=chosen, at=county.at, by=who, **fields))


def visit_step(county, answers):
    command = requests.RecordReturnVisit(request_id="R1", at=county.at, by=caller, **answers)
    county.ask(command)


NEXT = {
    "dispatched": ORGANIZATION[0],
    "accepted": ORGANIZATION[3],
    "contacted": ORGANIZATION[5],
}


def usual_step(county):
    """What most people would do next, so that stories reach their end and start again."""
    for place, order in enumerate(county.orders.orders):
        if order.is_open:
            who = next(one for one in people if one.organization_id == order.organization_id)
            order_step(county, *NEXT[order.status], who, place)
    county.settle()


steps = st.one_of(
    st.just((usual_step,)),
    st.just((usual_step,)),
    st.just((usual_step,)),
    st.tuples(st.just(desk_step), st.sampled_from(DESK)).map(lambda s: (s[0], *s[1])),
    st.tuples(
        st.just(dispatch_step),
        st.sampled_from(("org-a", "org-b")),
        st.sampled_from(((), ("org-b",), ("org-b", "org-c"))),
        st.sampled_from(("lead", "supporting")),
        st.sampled_from((clerk, center)),
    ),
    st.tuples(
        st.just(order_step),
        st.sampled_from(ORGANIZATION),
        st.sampled_from(people),
        st.integers(0, 5),
    ).map(lambda s: (s[0], *s[1], *s[2:])),
    st.tuples(st.just(order_step), st.sampled_from(CENTER), st.integers(0, 5)).map(
        lambda s: (s[0], *s[1], center, s[2])
    ),
    st.tuples(st.just(visit_step), st.sampled_from(ANSWERS)),
    st.just((County.settle,)),
)
stories = st.lists(steps, min_size=8, max_size=40)
STARTS = (
    (desk_step, *DESK[0]),
    (desk_step, *DESK[1]),
    (County.settle,),
)


def played(story):
    county = County()
    for step, *arguments in (*STARTS, *story):
        county.at += timedelta(hours=1)
        step(county, *arguments)
        leads = [one for one in county.orders.open if one.part == "lead"]
        assert len(leads) <= 1, "never two leads"
        assert county.orders.lead or not county.orders.open, "never without one"
    county.settle()
    return county


@given(stories)
def test_no_request_is_over_while_somebody_is_still_on_it(story):
    county = played(story)
    assert county.request.status in OPEN or not county.orders.open


@given(stories)
def test_both_services_tell_the_same_about_who_is_on_it(story):
    county = played(story)
    on_it = {"dispatched": "dispatched", "accepted": "taken_up", "contacted": "taken_up"}
    lead = county.orders.lead
    if lead and lead.is_open:
        assert county.request.status == on_it[lead.status]
        assert county.request.organization_id == lead.organization_id
    if not county.orders.is_stopped:
        at_work = {one.organization_id for one in county.orders.open}
        assert at_work <= county.request.organization_ids


@given(stories)
def test_a_round_is_over_when_and_only_when_nobody_has_anything_left_to_do(story):
    county = played(story)
    is_served = county.request.status in {"completed", "closed"}
    assert not is_served or county.orders.is_finished
    assert county.request.status != "taken_up" or not county.orders.is_finished


@given(stories)
def test_whoever_has_an_open_work_order_sees_the_request(story):
    county = played(story)
    sees = service_request.audience(county.request)
    for order in county.orders.open:
        assert f"org:{order.organization_id}" in sees
        assert {f"account:{staff_id}" for staff_id in order.staff_ids} <= set(sees)
