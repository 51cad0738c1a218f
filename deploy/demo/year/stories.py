"""What becomes of a request: a realistic mix of every path that the rules know.

The shares are invented, in the range that hotlines report: most cases are solved in time, some are
late, some come back. They are not measured in any county.
"""

from datetime import timedelta

from deploy.demo.year.afterwards import afterwards
from deploy.demo.year.arrivals import Wish
from deploy.demo.year.case import Case, Story
from deploy.demo.year.working import work
from services.dispatch.domain.state import WorkOrder
from shared.contracts import dispatch, requests
from shared.contracts.actor import Actor

SENT_BACK, DECLINED, MERGED, BY_HAND, WITHDRAWN, URGED = 4, 3, 2, 7, 3, 9


def told(case: Case, wish: Wish, others: list[str]) -> Story:
    """A whole case. `others`: open requests of the same village and service, to merge into."""
    case.say(requests.PlaceRequest, case.worker, **wish)
    yield case.later(1.5)
    if case.happens(SENT_BACK):
        note = case.note("请补充具体门牌号。")
        case.say(requests.SendBackRequest, case.clerk, reason="address_missing", note_id=note)
        yield case.later(5)
        case.say(requests.ResubmitRequest, case.worker, note_id=case.note("已补充门牌号。"))
        yield case.later(1.5)
    if case.happens(DECLINED):
        reason = case.one_of({"out_of_scope": 5, "already_solved": 3, "in_litigation": 1})
        case.say(requests.DeclineRequest, case.clerk, reason=reason)
        return
    if others and case.happens(MERGED * 10):
        yield from _merged(case, others[-1])
        if case.request.status != "placed":
            return
    by_hand = case.happens(BY_HAND)
    case.say(requests.AcceptRequest, case.clerk, is_dispatched_by_hand=by_hand)
    yield case.later(1)
    _send_somebody(case, is_team=by_hand)
    yield from _carried_out(case)


def _merged(case: Case, into_id: str) -> Story:
    """并单; now and then it turns out to be another matter after all."""
    case.say(requests.MergeRequest, case.clerk, into_id=into_id)
    if case.happens(15):
        yield case.later(8)
        case.say(requests.UnmergeRequest, case.clerk)


def _send_somebody(case: Case, *, is_team: bool) -> None:
    """Where matching has not found anybody, or a team is wanted."""
    if not case.orders.needs_a_person:
        return
    everybody = sorted(case.world.known.organizations())
    lead, *helpers = case.chance.sample(everybody, 2 + case.happens(30))
    case.say(
        dispatch.DispatchWorkOrder,
        case.clerk,
        work_order_id=f"W{case.request_id[1:]}",
        organization_id=lead,
        supporting_ids=tuple(helpers) if is_team else (),
    )


def _carried_out(case: Case) -> Story:
    """Round after round, until nobody wants another one."""
    done_in = 0
    while case.request.status not in {"closed", "withdrawn"} and done_in != case.request.round:
        if done_in == 0 and case.happens(WITHDRAWN):
            yield case.later(6)
            case.say(requests.WithdrawRequest, case.worker, reason="solved_itself")
            return
        done_in = case.request.round
        yield from _a_round(case)
        yield from afterwards(case)


def _a_round(case: Case) -> Story:
    """Every order of the round is worked on; the story goes on when all are settled."""
    if case.happens(URGED):
        case.world.at(case.later(10), lambda: _urge(case))
    begun: set[str] = set()
    while not case.orders.is_finished and not case.orders.is_stopped:
        for order in case.orders.in_this_round:
            if order.is_open and order.work_order_id not in begun:
                begun.add(order.work_order_id)
                _go_on(case, work(case, order.work_order_id, dispatcher_of(case, order)))
        yield case.world.now + timedelta(hours=6)


def _urge(case: Case) -> None:
    if case.request.status in {"dispatched", "taken_up"}:
        case.say(requests.ExpediteRequest, case.worker)


def _go_on(case: Case, story: Story) -> None:
    """A part of the case that goes its own pace."""
    when = next(story, None)
    if when is not None:
        case.world.at(when, lambda: _go_on(case, story))


def dispatcher_of(case: Case, order: WorkOrder) -> Actor:
    return case.actors[order.organization_id]
