"""Files to download: the register as CSV or XLSX, and empty sheets for imports."""

from collections.abc import AsyncIterator
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse

from services.gateway.api.queries import RegisterQuestion
from services.gateway.edge import SignedIn, TheEdge
from services.gateway.exchange.template import template
from services.gateway.exchange.writing import MEDIA_TYPES, Format
from services.gateway.exports import export, note_export
from services.gateway.importing.kinds import KINDS, KindName
from services.gateway.strict import StrictRoute

router = APIRouter(route_class=StrictRoute, prefix="/api/v1")


class ExportQuestion(RegisterQuestion):
    """The register's filters, and the kind of file; pages do not matter."""

    format: Format = "xlsx"


@router.get(
    "/requests/export", summary="导出台账", tags=["requests"], response_class=StreamingResponse
)
async def get_export(
    edge: TheEdge, actor: SignedIn, request: Request, question: Annotated[ExportQuestion, Query()]
) -> Response:
    """Every case of the filters that the viewer may see, in the order of placing."""
    said = question.model_dump(exclude={"format"}, exclude_unset=True)
    made = await export(edge, actor, RegisterQuestion.model_validate(said))
    await note_export(edge, request, actor, "register", made.began)
    return _file(made.name(question.format), question.format, made.stream(question.format))


@router.get(
    "/imports/{kind}/template.xlsx", summary="导入模板", tags=["imports"], response_class=Response
)
async def get_template(actor: SignedIn, kind: KindName) -> Response:
    KINDS[kind].refuse_unless_may(actor)
    title = f"{KINDS[kind].title}导入模板"
    content = await template(title, KINDS[kind].columns)
    return Response(content, media_type=MEDIA_TYPES["xlsx"], headers=_headers(f"{title}.xlsx"))


def _file(name: str, format: Format, content: AsyncIterator[bytes]) -> Response:
    return StreamingResponse(content, media_type=MEDIA_TYPES[format], headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    said = f"attachment; filename*=UTF-8''{quote(name)}"
    return {"Content-Disposition": said, "Cache-Control": "no-store"}
