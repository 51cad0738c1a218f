"""Photos and documents of a case: who adds them, who takes them away, and what stays a proof."""

from dataclasses import replace

from shared.attachments import attached
from shared.contracts import requests as msg
from shared.contracts.actor import Actor
from shared.rejection import NotAllowedNow, NotFound, NotYours
from tests.unit.requests.test_service_request import (
    KNOWN,
    asked,
    at_the_desk,
    given,
    placed,
    served,
    under_way,
)

file = {"attachment_id": "F1", "kind": "photo", "size": 180_000}
add = msg.AddAttachment(**asked, **file)
added = msg.AttachmentAdded(request_id="R1", **file, added_by="grid-worker-03")
remove = msg.RemoveAttachment(**asked, attachment_id="F1", reason="wrong_file")
removed = msg.AttachmentRemoved(request_id="R1", attachment_id="F1", reason="wrong_file")
another = Actor(account_id="grid-worker-04", role="grid_worker", area_ids=("grid-03",))


def test_a_photo_is_added_to_a_case():
    given(placed).when(add).then(added)
    given(*served).when(add).then(added)


def test_a_case_holds_no_more_than_forty():
    full = [added.model_copy(update={"attachment_id": f"F{number}"}) for number in range(40)]
    more = add.model_copy(update={"attachment_id": "F40"})
    given(placed, *full).when(more).then_rejected(NotAllowedNow)
    gone = removed.model_copy(update={"attachment_id": "F7"})
    fits = added.model_copy(update={"attachment_id": "F40"})
    given(placed, *full, gone).when(more).then(fits)


def test_whoever_added_a_wrong_photo_takes_it_away():
    given(placed, added).when(remove).then(removed)


def test_a_colleague_does_not_but_the_desk_may():
    not_mine = remove.model_copy(update={"by": another})
    given(placed, added).when(not_mine).then_rejected(NotYours)
    by_the_desk = msg.RemoveAttachment(**at_the_desk, attachment_id="F1", reason="wrong_file")
    given(placed, added).when(by_the_desk).then(removed)


def test_what_is_gone_cannot_be_removed_again():
    given(placed, added, removed).when(remove).then_rejected(NotFound)


def test_the_proof_of_a_work_order_stays():
    proven = replace(KNOWN, proofs=frozenset({"F1"}))
    given(*under_way, added).knowing(proven).when(remove).then_rejected(NotAllowedNow)


def test_what_a_case_has_now():
    second = added.model_copy(update={"attachment_id": "F2"})
    assert attached([placed, added, second, removed]) == (second,)
