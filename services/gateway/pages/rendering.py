"""From a template and what it shows to an answer; one environment, escaping always on."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import uuid4

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from services.gateway.edge import now
from services.gateway.pages import moments
from services.gateway.pages.assets import GATEWAY
from shared.access import MAY, READS_THE_ACCESS_LOG, SEES_ACCOUNTS, SEES_FIGURES, SEPARATED
from shared.contracts.actor import Actor
from shared.figures import plain
from shared.labels import EVENT, IMPORT_OUTCOME, IMPORT_VERDICT, LABELS
from shared.lifecycle import RequestStatus, WorkOrderStatus

TONE: Mapping[RequestStatus | WorkOrderStatus, str] = {
    "placed": "waiting",
    "dispatched": "waiting",
    "accepted": "moving",
    "taken_up": "moving",
    "contacted": "moving",
    "sent_back": "trouble",
    "returned": "trouble",
    "reopened": "trouble",
    "completed": "done",
    "closed": "done",
    "declined": "ended",
    "withdrawn": "ended",
    "cancelled": "ended",
    "excused": "ended",
    "merged": "ended",
}
"""The colour of a status; its words always stand beside the colour."""

YES_OR_NO: Mapping[str, str] = {"true": "是", "false": "否"}


URGENT_NOTICES = {"alarm", "supervised", "expedited", "returned", "sent_back", "reopened"}


def notice_tone(notice: Mapping[str, Any]) -> str:
    """The colour of a notice's kind."""
    return "trouble" if notice["kind"] in URGENT_NOTICES else "moving"


def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(GATEWAY / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "label": lambda code, table: LABELS[table][code],
        "day": moments.day,
        "plain": plain,
    }
    made.globals |= {
        "labels": {**LABELS, "YesOrNo": YES_OR_NO},
        "event_label": EVENT.__getitem__,
        "outcomes": IMPORT_OUTCOME,
        "verdicts": IMPORT_VERDICT,
        "nothing_typed": defaultdict(str),
        "tone": TONE,
        "notice_tone": notice_tone,
        "new_command_id": lambda: uuid4().hex,
        "sees_cases": lambda actor: actor.role not in SEPARATED,
        "sees_accounts": lambda actor: actor.role in SEES_ACCOUNTS,
        "reads_access_log": lambda actor: actor.role in READS_THE_ACCESS_LOG,
        "sees_figures": lambda actor: actor.role in SEES_FIGURES,
        "has_role_for": lambda actor, action: actor.role in MAY[action],
    }
    return made


TEMPLATES = environment()


def render(
    request: Request, template: str, actor: Actor | None = None, status: int = 200, **shown: Any
) -> HTMLResponse:
    """A page or a part of one. Nothing of it is kept in a cache: it may be about people."""
    at = now()
    text = TEMPLATES.get_template(template).render(
        actor=actor,
        assets=request.app.state.assets,
        at=at,
        clock=moments.local(at),
        moment=lambda then: moments.moment(then, at),
        path=request.url.path,
        **shown,
    )
    return HTMLResponse(text, status_code=status, headers={"Cache-Control": "no-store"})


def is_partial(request: Request) -> bool:
    """Whether htmx asks for a part of the page that is already open."""
    return "hx-request" in request.headers


def wants_page(request: Request) -> bool:
    """Whether a person's browser asks, rather than a program."""
    is_api = request.url.path.startswith("/api/")
    return not is_api and ("text/html" in request.headers.get("accept", "") or is_partial(request))


def clock_time(at: datetime) -> str:
    return f"{moments.local(at):%H:%M:%S}"
