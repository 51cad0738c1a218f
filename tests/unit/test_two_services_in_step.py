"""Requests and dispatch, moved by people in any order and by their policies: they stay in step."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.dispatch.domain import policy as dispatch_policy
from services.dispatch.domain.matching import Candidate
from services.dispatch.domain.views import MenuLine
from services.dispatch.domain.work_orders import Knowledge as DispatchKnowledge
from services.dispatch.domain.work_orders import work_orders
from services.requests.domain import policy as requests_policy
from services.requests.domain.service_request import Knowledge as RequestKnowledge
from services.requests.domain.service_request import service_request
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
EVERYBODY = dispatch_policy.Knowledge(tuple(Candidate(f"org-{n}", (REPAIR,)) for n in "ab"))

clerk = Actor(account_id="clerk-3", role="desk_clerk", area_ids=("county-1",))
people = [
    Actor(account_id=f"disp-{n}", role="organization_dispatcher", organization_id=f"org-{n}")
    for n in "ab"
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
]
ORGANIZATION = [
    (dispatch.AcceptWorkOrder, {}),
    (dispatch.ReturnWorkOrder, {"reason": "other_owner"}),
    (dispatch.AssignStaff, {"staff_id": "staff-5"}),
    (dispatch.RecordFirstContact, {}),
    (dispatch.RecordProgress, {"note_id": "N1"}),
    (dispatch.CompleteWorkOrder, {"outcome": "solved", "note_id": "N1"}),
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
            offered = RequestKnowledge(GRID, True)
            self._record("requests", service_request.decide(command, self.request, offered))
        else:
            known = DispatchKnowledge(True, frozenset({"staff-5"}))
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
            for wish in [*requests_policy.react(fact), *dispatch_policy.react(fact, EVERYBODY)]:
                self.give(wish)

    def _record(self, context, events):
        self.streams[context].extend(events)
        self.unread.extend(events)


def desk_step(county, kind, fields):
    county.ask(kind(request_id="R1", at=county.at, by=clerk, **fields))


def ruling_step(county, organization_id):
    order_id = f"R1.{county.orders.round}.{len(county.orders.orders) + 1}"
    which = {"request_id": "R1", "work_order_id": order_id, "organization_id": organization_id}
    county.ask(dispatch.DispatchWorkOrder(**which, at=county.at, by=clerk))


def organization_step(county, kind, fields, who):
    last = county.orders.orders[-1].work_order_id if county.orders.orders else "R1.1.1"
    county.ask(kind(request_id="R1", work_order_id=last, at=county.at, by=who, **fields))


NEXT = {
    "dispatched": ORGANIZATION[0],
    "accepted": ORGANIZATION[3],
    "contacted": ORGANIZATION[5],
}


def usual_step(county):
    """What most people would do next, so that stories reach their end and start again."""
    for order in county.orders.open:
        who = next(one for one in people if one.organization_id == order.organization_id)
        organization_step(county, *NEXT[order.status], who)
    county.settle()


steps = st.one_of(
    st.just((usual_step,)),
    st.just((usual_step,)),
    st.just((usual_step,)),
    st.tuples(st.just(desk_step), st.sampled_from(DESK)).map(lambda s: (s[0], *s[1])),
    st.tuples(st.just(ruling_step), st.sampled_from(("org-a", "org-b"))),
    st.tuples(
        st.just(organization_step), st.sampled_from(ORGANIZATION), st.sampled_from(people)
    ).map(lambda s: (s[0], *s[1], s[2])),
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
        assert len(county.orders.open) <= 1, "exactly one lead"
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
    for order in county.orders.open:
        assert county.request.status == on_it[order.status]
        assert county.request.organization_id == order.organization_id


@given(stories)
def test_whoever_has_an_open_work_order_sees_the_request(story):
    county = played(story)
    sees = service_request.audience(county.request)
    for order in county.orders.open:
        assert f"org:{order.organization_id}" in sees
        assert {f"account:{staff_id}" for staff_id in order.staff_ids} <= set(sees)
