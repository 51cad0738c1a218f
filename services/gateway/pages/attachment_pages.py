"""The files of a case on its page: adding one, looking at one, taking a wrong one away."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api import bodies
from services.gateway.api.attachments import REMOVAL, UNTRUSTED, AttachmentId
from services.gateway.api.commands import RequestId, act
from services.gateway.attachments.attaching import attach, content_of
from services.gateway.edge import SignedIn, TheEdge
from services.gateway.pages.case_pages import ANSWERED, Tried, Typed, show_case
from services.gateway.pages.forms import asking_of, filled_in, typed_into, typed_of
from services.gateway.pages.rendering import is_partial
from services.gateway.uploads import FILE_TO_ATTACH, file_of, form_of
from shared.rejection import Rejected, Unavailable

router = APIRouter(include_in_schema=False, prefix="/requests/{request_id}/attachments")


@router.post("")
async def post_attachment(
    edge: TheEdge, actor: SignedIn, request: Request, request_id: RequestId
) -> Response:
    form = await form_of(request)
    typed = Typed(str, typed_of(form))
    try:
        content = await file_of(form, FILE_TO_ATTACH)
        done = await attach(asking_of(edge, actor, typed), request_id, content)
    except Unavailable:
        raise
    except Rejected as refusal:
        tried = Tried(request.url.path, refusal, typed)
        return await show_case(edge, actor, request, request_id, tried=tried, part=ANSWERED)
    return await _shown(edge, actor, request, request_id, done["position"], "AddAttachment")


@router.get("/{attachment_id}")
async def get_attachment(
    edge: TheEdge, actor: SignedIn, request_id: RequestId, attachment_id: AttachmentId
) -> Response:
    content, media_type, name = await content_of(edge, actor, request_id, attachment_id)
    headers = {**UNTRUSTED, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


@router.post("/{attachment_id}/removal")
async def post_removal(
    edge: TheEdge,
    actor: SignedIn,
    request: Request,
    request_id: RequestId,
    attachment_id: AttachmentId,
) -> Response:
    typed = Typed(str, await typed_into(request))
    subject = {"request_id": request_id, "attachment_id": attachment_id}
    try:
        asked = asking_of(edge, actor, typed)
        done = await act(asked, REMOVAL, subject, filled_in(bodies.RemoveAttachment, typed))
    except Unavailable:
        raise
    except Rejected as refusal:
        tried = Tried(request.url.path, refusal, typed)
        return await show_case(edge, actor, request, request_id, tried=tried, part=ANSWERED)
    return await _shown(edge, actor, request, request_id, done.position, "RemoveAttachment")


async def _shown(  # noqa: PLR0913, PLR0917 - what the answer shows
    edge: TheEdge, actor: SignedIn, request: Request, request_id: str, position: int, done: str
) -> Response:
    if is_partial(request):
        return await show_case(edge, actor, request, request_id, position, done=done, part=ANSWERED)
    return RedirectResponse(f"/requests/{request_id}?at_least={position}&done={done}", 303)
