"""Importing requests and grid trees: preview, place, watch, undo."""

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response

from services.gateway.edge import SignedIn, TheEdge
from services.gateway.importing import imports
from services.gateway.importing.kinds import KINDS, KindName
from services.gateway.strict import StrictRoute
from services.gateway.uploads import OPENAPI, file_of, form_of
from shared.contracts.message import Id

router = APIRouter(route_class=StrictRoute, prefix="/api/v1/imports", tags=["imports"])

ImportId = Annotated[Id, Path(description="导入编号")]
OnlyValid = Annotated[bool, Query(description="有错误的行跳过，只导入正确的行")]


@router.get("", summary="我的导入")
async def get_imports(edge: TheEdge, actor: SignedIn) -> list[dict[str, Any]]:
    """The latest imports of this account."""
    return await imports.latest(edge, actor)


@router.post("/{kind}/preview", summary="导入预览", openapi_extra=OPENAPI)
async def post_preview(
    edge: TheEdge, actor: SignedIn, request: Request, kind: KindName
) -> dict[str, Any]:
    """A verdict for every row, by the rules that will decide. Nothing is stored."""
    KINDS[kind].refuse_unless_may(actor)
    content = await file_of(await form_of(request))
    return await imports.preview(edge, actor, KINDS[kind], content)


@router.post("/{kind}", status_code=202, summary="导入", openapi_extra=OPENAPI)
async def post_import(  # noqa: PLR0913, PLR0917 - FastAPI's dependencies are its arguments
    edge: TheEdge,
    actor: SignedIn,
    request: Request,
    response: Response,
    kind: KindName,
    only_valid: OnlyValid = False,
) -> dict[str, Any]:
    """Takes the file in and goes on in the background: ask the `Location` how far it is.

    The same file again is the same import: every row happens once, also after a crash in the
    middle. Unless `only_valid`, one wrong row means that nothing is placed.
    """
    KINDS[kind].refuse_unless_may(actor)
    content = await file_of(await form_of(request))
    begun = await imports.start(edge, actor, KINDS[kind], content, only_valid)
    response.headers["Location"] = f"/api/v1/imports/{begun['import_id']}"
    return begun


@router.get("/{import_id}", summary="导入进度")
async def get_import(edge: TheEdge, actor: SignedIn, import_id: ImportId) -> dict[str, Any]:
    return await imports.status(edge, actor, import_id)


@router.post("/{import_id}/undo", status_code=202, summary="撤销导入")
async def post_undo(edge: TheEdge, actor: SignedIn, import_id: ImportId) -> dict[str, Any]:
    """Withdraws every request of the import (or removes every area) that still may be.

    The others stay, each with the reason. The account's 90 days to do so begin with the import.
    """
    return await imports.undo(edge, actor, import_id)
