"""The life of a service request (点单), told as examples."""

from datetime import UTC, datetime, timedelta

from services.requests.domain.service_request import service_request
from services.requests.domain.state import Knowledge
from services.requests.domain.views import KnownArea
from shared.contracts import requests as msg
from shared.contracts.actor import SYSTEM, Actor
from shared.rejection import InvalidInput, NotAllowedNow, NotFound, NotYours
from shared.testing.spec import given_for

PATH = ("county-1", "center-1", "town-3", "village-7", "grid-03")
GRID = KnownArea(area_id="grid-03", kind="grid", path=PATH, name="三网格")
VILLAGE = KnownArea(area_id="village-7", kind="village", path=PATH[:-1], name="七里村")
KNOWN = Knowledge(area=GRID, is_service_offered=True)

given = given_for(service_request, KNOWN)

NOON = datetime(2026, 5, 1, 4, tzinfo=UTC)
ALMOST_MIDNIGHT = datetime(2026, 5, 1, 15, 59, tzinfo=UTC)
MIDNIGHT = datetime(2026, 5, 1, 16, tzinfo=UTC)
AFTER_THE_HOLIDAY = datetime(2026, 5, 6, 16, tzinfo=UTC)

worker = Actor(account_id="grid-worker-03", role="grid_worker", area_ids=("grid-03",))
clerk = Actor(account_id="clerk-3", role="desk_clerk", area_ids=("town-3",))
federation = Actor(
    account_id="disp-df", role="organization_dispatcher", organization_id="org-disabled"
)
red_cross = Actor(account_id="disp-rc", role="organization_dispatcher", organization_id="org-red")

asked = {"request_id": "R1", "at": NOON, "by": worker}
at_the_desk = {"request_id": "R1", "at": NOON, "by": clerk}
noticed = {"request_id": "R1", "at": NOON, "by": SYSTEM}
matter = {
    "grid_id": "grid-03",
    "service_code": "home-repair",
    "urgency": "normal",
    "beneficiary_category": "disabled_person",
}
order = {"work_order_id": "R1.1.1", "organization_id": "org-disabled"}
other_order = {"work_order_id": "R1.1.2", "organization_id": "org-red"}

place = msg.PlaceRequest(**asked, **matter, particulars_id="P1")
accept = msg.AcceptRequest(**at_the_desk)
send_back = msg.SendBackRequest(**at_the_desk, reason="address_missing", note_id="N1")
resubmit = msg.ResubmitRequest(**asked, note_id="N2")
decline = msg.DeclineRequest(**at_the_desk, reason="duplicate")
withdraw = msg.WithdrawRequest(**asked, reason="solved_itself")
expedite = msg.ExpediteRequest(**asked)
rate_well, rate_fairly, rate_poorly = (msg.RateService(**asked, score=n) for n in (5, 3, 2))
close = msg.CloseRequest(**at_the_desk)
close_in_time = msg.CloseRequest(**noticed)
reveal = msg.RevealContact(**asked, purpose="home_visit")
record_dispatch = msg.RecordDispatch(**noticed, **order)
record_acceptance = msg.RecordAcceptance(**noticed, **order)
record_assignment = msg.RecordAssignment(**noticed, **order, staff_id="staff-5")
record_return = msg.RecordReturn(**noticed, **order)
complete = msg.CompleteRequest(**noticed, work_order_id="R1.1.1")

placed = msg.RequestPlaced(
    request_id="R1",
    **matter,
    area_ids=PATH,
    particulars_id="P1",
    placed_by="grid-worker-03",
    rules_version="default-1",
)
accepted = msg.RequestAccepted(request_id="R1", **matter, area_ids=PATH)
sent_back = msg.RequestSentBack(request_id="R1", reason="address_missing", note_id="N1")
resubmitted = msg.RequestResubmitted(request_id="R1", note_id="N2")
declined = msg.RequestDeclined(request_id="R1", reason="duplicate")
withdrawn = msg.RequestWithdrawn(request_id="R1", reason="solved_itself")
expedited = msg.RequestExpedited(request_id="R1", times=1, expedited_at=NOON)
dispatched = msg.RequestDispatched(request_id="R1", **order)
taken_up = msg.RequestTakenUp(request_id="R1", **order)
assigned = msg.RequestAssigned(request_id="R1", **order, staff_id="staff-5")
returned = msg.RequestReturned(request_id="R1", **order)
dispatched_again = msg.RequestDispatched(request_id="R1", **other_order)
completed = msg.RequestCompleted(
    request_id="R1", work_order_id="R1.1.1", reopen_until=NOON + timedelta(days=15)
)
rated_well, rated_fairly, rated_poorly = (
    msg.ServiceRated(request_id="R1", score=n) for n in (5, 3, 2)
)
reopened = msg.RequestReopened(request_id="R1", organization_id="org-disabled", round=2)
closed = msg.RequestClosed(request_id="R1")
revealed = msg.ContactRevealed(request_id="R1", purpose="home_visit")

under_way = (placed, accepted, dispatched, taken_up)
served = (*under_way, completed)


def test_a_request_may_say_when_the_resident_came_with_it():
    written_down = place.model_copy(update={"stated_on": "2026-04-20"})
    given().when(written_down).then(placed.model_copy(update={"stated_on": "2026-04-20"}))


def test_nobody_came_tomorrow():
    today = place.model_copy(update={"stated_on": "2026-05-01"})
    given().when(today).then(placed.model_copy(update={"stated_on": "2026-05-01"}))
    tomorrow = place.model_copy(update={"stated_on": "2026-05-02"})
    given().when(tomorrow).then_rejected(InvalidInput, "stated_on")


def test_a_grid_worker_places_a_request():
    given().when(place).then(placed)


def test_placing_the_same_request_twice_changes_nothing():
    given(placed).when(place).then_nothing_happens()


def test_another_request_cannot_take_a_number_that_is_in_use():
    another = place.model_copy(update={"particulars_id": "P2"})
    given(placed).when(another).then_rejected(NotAllowedNow, "request_id")


def test_a_request_needs_a_grid_that_exists():
    given().knowing(Knowledge(None, True)).when(place).then_rejected(InvalidInput, "grid_id")


def test_a_village_is_not_a_grid():
    given().knowing(Knowledge(VILLAGE, True)).when(place).then_rejected(InvalidInput, "grid_id")


def test_a_request_needs_a_service_that_somebody_offers():
    nobody_offers = Knowledge(GRID, False)
    given().knowing(nobody_offers).when(place).then_rejected(InvalidInput, "service_code")


def test_a_request_that_was_never_placed_is_not_found():
    given().when(accept).then_rejected(NotFound)


def test_the_desk_accepts_with_everything_that_matching_needs():
    given(placed).when(accept).then(accepted)


def test_accepting_twice_says_that_it_is_accepted():
    given(placed, accepted).when(accept).then_rejected(NotAllowedNow)


def test_the_desk_sends_back_what_is_incomplete():
    given(placed).when(send_back).then(sent_back)


def test_the_asker_adds_what_was_missing_and_the_desk_accepts():
    given(placed, sent_back).when(resubmit).then(resubmitted)
    given(placed, sent_back, resubmitted).when(accept).then(accepted)


def test_the_desk_declines_what_is_not_its_business():
    given(placed).when(decline).then(declined)


def test_a_declined_request_is_over():
    given(placed, declined).when(accept).then_rejected(NotAllowedNow)


def test_news_of_the_work_order_is_recorded():
    given(placed, accepted).when(record_dispatch).then(dispatched)
    given(placed, accepted, dispatched).when(record_acceptance).then(taken_up)
    given(*under_way).when(record_assignment).then(assigned)
    given(*under_way).when(complete).then(completed)


def test_the_same_news_twice_changes_nothing():
    given(placed, accepted, dispatched).when(record_dispatch).then_nothing_happens()
    given(*under_way).when(record_acceptance).then_nothing_happens()
    given(*under_way, assigned).when(record_assignment).then_nothing_happens()
    given(*served).when(complete).then_nothing_happens()


def test_a_returned_request_goes_to_another_organization():
    record_next = record_dispatch.model_copy(update=other_order)
    given(placed, accepted, dispatched).when(record_return).then(returned)
    given(placed, accepted, dispatched, returned).when(record_next).then(dispatched_again)


def test_late_news_of_a_former_work_order_is_ignored():
    moved_on = given(placed, accepted, dispatched, returned, dispatched_again)
    moved_on.when(record_acceptance).then_nothing_happens()
    moved_on.when(record_assignment).then_nothing_happens()
    moved_on.when(record_return).then_nothing_happens()
    moved_on.when(complete).then_nothing_happens()


def test_the_asker_withdraws_before_completion():
    given(placed).when(withdraw).then(withdrawn)
    given(*under_way).when(withdraw).then(withdrawn)


def test_what_is_done_cannot_be_withdrawn():
    given(*served).when(withdraw).then_rejected(NotAllowedNow)


def test_news_that_comes_after_the_withdrawal_is_no_longer_news():
    gone = given(*under_way, withdrawn)
    for late in (record_dispatch, record_acceptance, record_assignment, record_return, complete):
        gone.when(late).then_nothing_happens()


def test_the_asker_hurries():
    given(placed).when(expedite).then(expedited)


def test_hurrying_twice_on_one_working_day_is_refused():
    later = expedite.model_copy(update={"at": ALMOST_MIDNIGHT})
    given(placed, expedited).when(later).then_rejected(NotAllowedNow)


def test_a_new_working_day_in_beijing_allows_to_hurry_again():
    tomorrow_is_a_holiday = expedite.model_copy(update={"at": MIDNIGHT})
    given(placed, expedited).when(tomorrow_is_a_holiday).then_rejected(NotAllowedNow)
    afterwards = expedite.model_copy(update={"at": AFTER_THE_HOLIDAY})
    again = msg.RequestExpedited(request_id="R1", times=2, expedited_at=AFTER_THE_HOLIDAY)
    given(placed, expedited).when(afterwards).then(again)


def test_a_clock_that_runs_backwards_does_not_allow_to_hurry_again():
    yesterday = expedite.model_copy(update={"at": NOON - timedelta(days=1)})
    given(placed, expedited).when(yesterday).then_rejected(NotAllowedNow)


def test_what_waits_for_the_asker_cannot_be_hurried():
    given(placed, sent_back).when(expedite).then_rejected(NotAllowedNow)


def test_a_good_rating_closes_the_request():
    given(*served).when(rate_well).then(rated_well, closed)
    given(*served).when(rate_fairly).then(rated_fairly, closed)


def test_a_poor_rating_reopens_the_request_for_the_same_organization():
    given(*served).when(rate_poorly).then(rated_poorly, reopened)


def test_every_further_poor_rating_is_another_round():
    second = {"work_order_id": "R1.2.1", "organization_id": "org-disabled"}
    redone = (
        msg.RequestDispatched(request_id="R1", **second),
        msg.RequestCompleted(request_id="R1", work_order_id="R1.2.1"),
    )
    third_round = reopened.model_copy(update={"round": 3})
    story = given(*served, rated_poorly, reopened, *redone)
    story.when(rate_poorly).then(rated_poorly, third_round)


def test_there_is_nothing_to_rate_before_completion():
    given(*under_way).when(rate_well).then_rejected(NotAllowedNow)


def test_the_desk_or_the_timer_closes_what_is_completed():
    given(*served).when(close).then(closed)
    given(*served).when(close_in_time).then(closed)


def test_an_open_request_cannot_be_closed():
    given(*under_way).when(close).then_rejected(NotAllowedNow)


def test_a_closed_request_cannot_be_rated():
    given(*served, closed).when(rate_well).then_rejected(NotAllowedNow)


def test_a_look_at_the_contact_is_an_event():
    given(placed).when(reveal).then(revealed)
    given(*served).when(reveal).then(revealed)


def test_nobody_needs_the_contact_when_all_is_over():
    given(*served, closed).when(reveal).then_rejected(NotAllowedNow)


def test_only_the_organization_at_work_looks_at_the_contact():
    by_the_former = reveal.model_copy(update={"by": federation})
    by_the_current = reveal.model_copy(update={"by": red_cross})
    story = given(placed, accepted, dispatched, returned, dispatched_again)
    story.when(by_the_former).then_rejected(NotYours)
    story.when(by_the_current).then(revealed)


def test_it_concerns_every_area_above_and_everybody_it_was_given_to():
    areas = (*(f"area:{area}" for area in PATH), "request:R1")
    story = given(*under_way, assigned, returned, dispatched_again)
    assert given(placed).audience == areas
    assert story.audience == (*areas, "org:org-disabled", "account:staff-5", "org:org-red")
