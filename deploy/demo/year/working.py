"""How an organisation works on its order: returns it, or accepts, contacts, reports, completes."""

from datetime import timedelta

from deploy.demo.year.case import Case, Story
from shared.contracts import dispatch
from shared.contracts.actor import Actor
from shared.contracts.working_time import Limit

RETURNED, LATE, SLOW, HELPED, HELD, EXTENDED, LEAD_CHANGED = 6, 7, 9, 3, 5, 6, 3
QUICK = {"critical": 0.3, "urgent": 0.5, "normal": 1.0, "complex": 2.5, "consultation": 0.3}


def work(case: Case, order_id: str, by: Actor) -> Story:
    order, pace = case.order(order_id), QUICK[case.orders.urgency or "normal"]
    if not order.is_ruling and order.round == 1 and case.happens(RETURNED):
        yield case.later(2 * pace)
        if case.order(order_id).status == "dispatched":
            yield from _return(case, order_id, by)
        return
    yield case.later((9 if case.happens(LATE) else 1.2) * pace)
    if not _say(case, dispatch.AcceptWorkOrder, order_id, by):
        return
    staff = case.actors[f"{by.account_id}-staff-{1 + case.happens(50)}"]
    _say(case, dispatch.AssignStaff, order_id, by, staff_id=staff.account_id)
    yield case.later(3 * pace)
    _say(case, dispatch.RecordFirstContact, order_id, staff)
    yield from _special(case, order_id, by)
    for _ in range(case.one_of({1: 60, 2: 30, 3: 10})):
        yield case.later((14 if case.happens(SLOW) else 5) * pace)
        note = case.note("已上门服务，情况良好。")
        _say(case, dispatch.RecordProgress, order_id, staff, note_id=note)
    yield case.later((30 if case.happens(SLOW) else 4) * pace)
    _complete(case, order_id, staff)


def _complete(case: Case, order_id: str, staff: Actor) -> None:
    shares = {"solved": 84, "explained": 9, "referred": 4, "impossible": 3}
    note = case.note("已办理完毕，群众知晓。")
    outcome = case.one_of(shares)
    _say(case, dispatch.CompleteWorkOrder, order_id, staff, outcome=outcome, note_id=note)


def _return(case: Case, order_id: str, by: Actor) -> Story:
    """退单, and the centre's ruling some hours later."""
    reason = case.one_of({"outside_charter": 5, "other_owner": 4, "outside_area": 1})
    if not _say(case, dispatch.ReturnWorkOrder, order_id, by, reason=reason):
        return
    yield case.later(3)
    others = case.world.known.organizations() - {one.organization_id for one in case.orders.open}
    chosen = case.chance.choice(sorted(others))
    is_needed = case.order(order_id).part == "lead" or case.happens(60)
    wanted = chosen if is_needed else None
    _say(case, dispatch.RuleOnReturn, order_id, case.actors["center"], organization_id=wanted)


def _special(case: Case, order_id: str, by: Actor) -> Story:
    """Help, hold, extension, another lead: what does not happen every time."""
    centre, order = case.actors["center"], case.order(order_id)
    if order.part == "lead" and case.happens(HELPED):
        free = case.world.known.organizations() - {one.organization_id for one in case.orders.open}
        helper = case.chance.choice(sorted(free))
        _say(case, dispatch.AskForHelp, order_id, by, organization_id=helper)
    if order.part == "supporting" and case.happens(LEAD_CHANGED):
        _say(case, dispatch.ChangeLead, order_id, centre)
    if case.happens(HELD):
        yield from _hold(case, order_id, by, centre)
    if case.happens(EXTENDED):
        yield from _extend(case, order_id, by, centre)
    for one in case.order(order_id).supervisions:
        if not one.is_answered:
            answer = case.note("已加快办理，请督办部门查看进展。")
            said = {"supervision_id": one.supervision_id, "note_id": answer}
            _say(case, dispatch.AnswerSupervision, order_id, by, **said)


def _hold(case: Case, order_id: str, by: Actor, centre: Actor) -> Story:
    reason = case.one_of({"resident_away": 5, "waiting_for_material": 3, "waiting_for_season": 1})
    review = case.world.now + timedelta(days=case.chance.randint(5, 20))
    note = case.note("暂时不具备办理条件。")
    asked = {"reason": reason, "review_at": review, "note_id": note}
    _say(case, dispatch.AskHold, order_id, by, **asked)
    yield case.later(3)
    if case.happens(20):
        refusal = case.note("条件已具备，请继续办理。")
        _say(case, dispatch.RefuseHold, order_id, centre, note_id=refusal)
        return
    if _say(case, dispatch.GrantHold, order_id, centre):
        early = case.happens(50)
        yield case.later(16) if early else review + timedelta(hours=1)
        if early and case.order(order_id).held_at:
            _say(case, dispatch.ResumeWork, order_id, by)


def _extend(case: Case, order_id: str, by: Actor, centre: Actor) -> Story:
    deadlines = case.order(order_id).deadlines
    if deadlines is None or case.world.now > deadlines.complete.due_at:
        return
    whole = deadlines.complete.limit
    extra = Limit(amount=max(1, whole.amount // 3), unit=whole.unit)
    if not _say(
        case, dispatch.AskExtension, order_id, by, extra=extra, note_id=case.note("需再次上门。")
    ):
        return
    yield case.later(2)
    if case.happens(85):
        _say(case, dispatch.GrantExtension, order_id, centre)
    else:
        refusal = case.note("请在原时限内办结。")
        _say(case, dispatch.RefuseExtension, order_id, centre, note_id=refusal)


def _say(case: Case, kind: type, order_id: str, by: Actor, **fields: object) -> bool:
    return case.say(kind, by, work_order_id=order_id, **fields)
