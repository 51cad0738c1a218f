"""Clear text is shown against an event that says who looks at which case, and only for a moment."""

from datetime import timedelta

import pytest

from services.vault.domain.looks import refuse_unrecorded, refuse_unrelated
from shared.contracts.requests import ContactRevealed, RequestClosed
from shared.rejection import NotYours
from shared.testing.facts import NOON, recorded

LOOK = recorded(ContactRevealed(request_id="R1", purpose="home_visit"), 7, at=NOON)


def test_a_recorded_look_is_granted_for_five_minutes():
    refuse_unrecorded(LOOK, "R1", NOON + timedelta(minutes=5))
    with pytest.raises(NotYours):
        refuse_unrecorded(LOOK, "R1", NOON + timedelta(minutes=5, seconds=1))


def test_it_opens_its_own_case_only():
    with pytest.raises(NotYours):
        refuse_unrecorded(LOOK, "R2", NOON)


def test_no_other_event_opens_anything():
    with pytest.raises(NotYours):
        refuse_unrecorded(recorded(RequestClosed(request_id="R1"), 7, at=NOON), "R1", NOON)
    with pytest.raises(NotYours):
        refuse_unrecorded(None, "R1", NOON)


def test_a_text_is_sent_about_a_fact_of_the_case():
    closed = recorded(RequestClosed(request_id="R1"), 7)
    refuse_unrelated(closed, "R1")
    for fact, case in ((closed, "R2"), (None, "R1")):
        with pytest.raises(NotYours):
            refuse_unrelated(fact, case)
