"""From a body to a command given: the same few steps for every act."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response
from pydantic import BaseModel

from services.gateway.api import bodies
from services.gateway.api.acts import DISPATCH, ON_A_REQUEST, ON_A_WORK_ORDER, REVEAL, Act
from services.gateway.edge import Asking, TheAsking, derived_id, now
from services.gateway.strict import StrictRoute
from shared.contracts.message import Id
from shared.contracts.requests import PlaceRequest
from shared.personal import PersonalRecord

router = APIRouter(route_class=StrictRoute, prefix="/api/v1")

RequestId = Annotated[Id, Path(description="诉求编号")]
WorkOrderId = Annotated[Id, Path(description="工单编号")]


class Done(BaseModel):
    """Where the command's events are: `position` in the county's log, `version` of the case."""

    request_id: str
    position: int
    version: int
    is_repeat: bool
    work_order_id: str | None = None


async def place(asked: Asking, body: bodies.Place) -> Done:
    """Store who and what, then place the request that refers to it."""
    request_id = derived_id("R", asked.command_id)
    particulars_id = derived_id("P", asked.command_id)
    command = PlaceRequest(
        at=now(),
        by=asked.actor,
        request_id=request_id,
        particulars_id=particulars_id,
        **body.model_dump(exclude={"particulars"}),
    )
    answer = await asked.edge.give(command, asked.command_id, {particulars_id: body.particulars})
    return _done({"request_id": request_id}, answer)


async def act(asked: Asking, chosen: Act, subject: dict[str, str], body: bodies.Body) -> Done:
    """Give one act's command; a remark is stored first and goes along as its id."""
    fields = body.said()
    records: dict[str, PersonalRecord] = {}
    if note := bodies.note_of(body):
        fields["note_id"] = derived_id("N", asked.command_id)
        records[fields["note_id"]] = note
    command = chosen.command(at=now(), by=asked.actor, **subject, **fields)
    answer = await asked.edge.give(command, asked.command_id, records, asked.expected_version)
    return _done(subject, answer)


async def reveal(asked: Asking, request_id: str, body: bodies.Reveal) -> dict[str, str]:
    """Name, phone and address in clear text, after the look has been recorded in the log."""
    done = await act(asked, REVEAL, {"request_id": request_id}, body)
    found = await asked.edge.ask("ledger", "case", asked.actor, request_id=request_id)
    return await asked.edge.vault.clear(found["particulars_id"], done.position)


def _done(subject: dict[str, str], answer: dict[str, Any]) -> Done:
    return Done(
        position=answer["position"],
        version=answer["version"],
        is_repeat=answer["is_repeat"],
        **subject,
    )


@router.post("/requests", status_code=201, summary="点单", tags=["requests"])
async def post_request(asked: TheAsking, body: bodies.Place, response: Response) -> Done:
    done = await place(asked, body)
    response.headers["Location"] = f"/api/v1/requests/{done.request_id}"
    return done


@router.post("/requests/{request_id}/contact", summary="查看联系方式", tags=["requests"])
async def post_contact(
    asked: TheAsking, request_id: RequestId, body: bodies.Reveal, response: Response
) -> dict[str, str]:
    response.headers["Cache-Control"] = "no-store"
    return await reveal(asked, request_id, body)


@router.post(
    "/requests/{request_id}/work-orders", status_code=201, summary="派单", tags=["work orders"]
)
async def post_work_order(asked: TheAsking, request_id: RequestId, body: bodies.Dispatch) -> Done:
    subject = {"request_id": request_id, "work_order_id": derived_id("W", asked.command_id)}
    return await act(asked, DISPATCH, subject, body)


def _on_a_request(chosen: Act) -> None:
    async def endpoint(
        asked: TheAsking,
        request_id: RequestId,
        body: chosen.body,  # type: ignore[name-defined]  # the table decides the type
    ) -> Done:
        return await act(asked, chosen, {"request_id": request_id}, body)

    path = f"/requests/{{request_id}}/{chosen.path}"
    router.post(path, summary=chosen.summary, tags=["requests"])(endpoint)


def _on_a_work_order(chosen: Act) -> None:
    async def endpoint(
        asked: TheAsking,
        request_id: RequestId,
        work_order_id: WorkOrderId,
        body: chosen.body,  # type: ignore[name-defined]  # the table decides the type
    ) -> Done:
        subject = {"request_id": request_id, "work_order_id": work_order_id}
        return await act(asked, chosen, subject, body)

    path = f"/requests/{{request_id}}/work-orders/{{work_order_id}}/{chosen.path}"
    router.post(path, summary=chosen.summary, tags=["work orders"])(endpoint)


for _chosen in ON_A_REQUEST:
    _on_a_request(_chosen)
for _chosen in ON_A_WORK_ORDER:
    _on_a_work_order(_chosen)
