"""What is told to other systems, and what is texted to residents."""

from datetime import datetime
from typing import Any

import orjson

from services.notices.domain.cases import CaseRow
from shared.calendar import BEIJING
from shared.contracts import requests
from shared.contracts.message import Event
from shared.contracts.registry import context_of
from shared.deliveries import Letter
from shared.event_log import Recorded

RECORD_IDS = {"particulars_id", "note_id", "evidence"}
"""Names of personal records: nobody outside has a use for them."""


def webhook(fact: Recorded, county: str) -> Letter:
    """One event as a CloudEvent: ids and codes, the same for every receiver and every attempt."""
    kind = type(fact.event).__name__
    told = {
        "specversion": "1.0",
        "id": str(fact.position),
        "source": f"/{county}/{context_of(kind)}",
        "type": kind,
        "subject": fact.commit.stream,
        "time": fact.commit.at,
        "datacontenttype": "application/json",
        "position": fact.position,
        "data": fact.event.model_dump(mode="json", exclude=RECORD_IDS),
    }
    return Letter("application/cloudevents+json", orjson.dumps(told))


def received(case: CaseRow, phone: str, public_url: str) -> Letter:
    """“Your request has arrived under this number; look it up here.”"""
    said = {"case_number": case.case_number, "address": f"{public_url}/track"}
    return _text("request_received", phone, said)


def done_with_others(case: CaseRow, phone: str, public_url: str) -> Letter:
    """“It was asked for by several, and is done.” Only the first asker's case is rated."""
    said = {"case_number": case.case_number, "address": f"{public_url}/track"}
    return _text("merged_request_completed", phone, said)


def please_rate(case: CaseRow, phone: str, link: str, until: datetime) -> Letter:
    """“It is done; please say how it was, until this day.”"""
    day = until.astimezone(BEIJING).date().isoformat()
    said = {"case_number": case.case_number, "address": link, "until": day}
    return _text("request_completed", phone, said)


def is_texted(event: Event, case: CaseRow) -> bool:
    """Whether the text would still be true: nobody is asked to rate what is being done again."""
    match event:
        case requests.RequestPlaced():
            return True
        case requests.RequestCompleted():
            return case.status == "completed" and not case.is_rated
        case requests.MainRequestCompleted():
            return case.status in {"merged", "closed"}
        case _:
            return False


def can_get_texts(phone: str) -> bool:
    """Mobile numbers begin with 1; landlines get nothing."""
    return phone.startswith("1")


def _text(template: str, phone: str, parameters: dict[str, Any]) -> Letter:
    body = {"template": template, "phone": phone, "parameters": parameters}
    return Letter("application/json", orjson.dumps(body))
