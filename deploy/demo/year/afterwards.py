"""After completion: rating, return visit, reopening; the timer closes what nobody touches."""

from datetime import timedelta

from deploy.demo.year.case import Case, Story
from shared.contracts import requests

RATED, REOPENED, REACHED, CONTACTED, SOLVED = 45, 2, 78, 95, 92
SCORES = {5: 55, 4: 28, 3: 11, 2: 4, 1: 2}
HAPPY = {"very_satisfied": 55, "satisfied": 30, "fairly_satisfied": 11, "dissatisfied": 4}
UNHAPPY = {"fairly_satisfied": 15, "dissatisfied": 55, "angry": 30}


def afterwards(case: Case) -> Story:
    """Ends when nothing more will be said about this round by people."""
    if case.request.status != "completed":
        return
    this_round = case.request.round
    yield case.later(8)
    if case.happens(RATED) and case.request.status == "completed":
        case.say(requests.RateService, case.worker, score=case.one_of(SCORES))
    yield case.later(8)
    yield from _visit(case, this_round)
    if case.request.round == this_round and case.happens(REOPENED):
        yield case.world.now + timedelta(days=case.chance.randint(1, 9))
        reason = case.one_of({"came_back": 4, "not_solved": 4, "poor_service": 2})
        if case.request.status in {"completed", "closed"}:
            case.say(requests.ReopenRequest, case.worker, reason=reason)


def _visit(case: Case, this_round: int) -> Story:
    """The caller tries until somebody answers, three times at most."""
    while (visit := case.request.visit) and visit.is_pending and case.request.round == this_round:
        reached = case.happens(REACHED)
        case.say(
            requests.RecordReturnVisit,
            case.actors["caller"],
            is_reached=reached,
            **(_answers(case) if reached else {}),
        )
        yield case.later(8)


def _answers(case: Case) -> dict[str, object]:
    is_solved = case.happens(SOLVED)
    return {
        "is_contacted": case.happens(CONTACTED),
        "is_solved": is_solved,
        "satisfaction": case.one_of(HAPPY if is_solved else UNHAPPY),
    }
