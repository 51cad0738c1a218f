"""Photos and documents of a case (附件): adding, listing, getting, removing."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response

from services.gateway.api import bodies
from services.gateway.api.acts import Act
from services.gateway.api.commands import Done, RequestId, act
from services.gateway.attachments.attaching import attach, content_of, listed
from services.gateway.edge import SignedIn, TheAsking, TheEdge
from services.gateway.strict import StrictRoute
from services.gateway.uploads import FILE_TO_ATTACH, file_of, form_of, openapi_of
from shared.contracts.message import Id
from shared.contracts.requests import RemoveAttachment

router = APIRouter(
    route_class=StrictRoute, prefix="/api/v1/requests/{request_id}/attachments", tags=["requests"]
)

AttachmentId = Annotated[Id, Path(description="附件编号")]
REMOVAL = Act("removal", RemoveAttachment, bodies.RemoveAttachment, "删除附件")
UNTRUSTED = {
    "Cache-Control": "private, no-store",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}
"""A file is somebody else's: shown by whoever saved it, never as a page of ours."""


@router.post("", status_code=201, summary="上传附件", openapi_extra=openapi_of(FILE_TO_ATTACH))
async def post_attachment(
    asked: TheAsking, request_id: RequestId, request: Request, response: Response
) -> dict[str, Any]:
    """A JPG, PNG or WebP photo or a PDF. A photo is encoded anew, a PDF keeps its pages alone."""
    added = await attach(asked, request_id, await file_of(await form_of(request), FILE_TO_ATTACH))
    response.headers["Location"] = f"{request.url.path}/{added['attachment_id']}"
    return added


@router.get("", summary="附件清单")
async def get_attachments(
    edge: TheEdge, actor: SignedIn, request_id: RequestId
) -> list[dict[str, Any]]:
    return await listed(edge, actor, request_id)


@router.get("/{attachment_id}", summary="下载附件", response_class=Response)
async def get_attachment(
    edge: TheEdge, actor: SignedIn, request_id: RequestId, attachment_id: AttachmentId
) -> Response:
    content, media_type, name = await content_of(edge, actor, request_id, attachment_id)
    headers = {**UNTRUSTED, "Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


@router.post("/{attachment_id}/removal", summary="删除附件")
async def post_removal(
    asked: TheAsking,
    request_id: RequestId,
    attachment_id: AttachmentId,
    body: bodies.RemoveAttachment,
) -> Done:
    subject = {"request_id": request_id, "attachment_id": attachment_id}
    return await act(asked, REMOVAL, subject, body)
