"""Importing by hand: choose a file, look at every row's verdict, confirm, watch, take back."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from services.gateway.api.exchange import get_export, get_template
from services.gateway.api.imports import ImportId
from services.gateway.edge import Edge, SignedIn, TheEdge
from services.gateway.importing import imports
from services.gateway.importing.kinds import KINDS, Kind, KindName
from services.gateway.pages.rendering import is_partial, render
from services.gateway.problems import STATUS
from services.gateway.uploads import file_of, form_of
from shared.access import MAY
from shared.contracts.actor import Actor
from shared.rejection import InvalidInput, NotYours, Rejected, Unavailable

router = APIRouter(include_in_schema=False)

router.get("/requests/export")(get_export)
router.get("/imports/{kind}/template.xlsx")(get_template)

UNDER_WAY = frozenset({"preparing", "running", "undoing"})
TRY_AGAIN = 409
"""For the part of a page: htmx shows a refusal, and would keep silent about a 503."""


@router.get("/imports")
async def get_imports(edge: TheEdge, actor: SignedIn, request: Request) -> Response:
    if not _kinds(actor):
        raise NotYours("您的岗位不导入文件；如有成批的诉求要点单，请联系受理员")
    return await _page(edge, actor, request)


@router.post("/imports/{kind}/preview")
async def post_preview(
    edge: TheEdge, actor: SignedIn, request: Request, kind: KindName
) -> Response:
    try:
        content = await file_of(await form_of(request))
        seen = await imports.preview(edge, actor, KINDS[kind], content)
    except Rejected as refusal:
        return await _refused(edge, actor, request, refusal)
    return await _page(edge, actor, request, preview=seen)


@router.post("/imports/{kind}")
async def post_import(edge: TheEdge, actor: SignedIn, request: Request, kind: KindName) -> Response:
    """The file comes again with the confirmation, because nothing was kept of the preview."""
    try:
        form = await form_of(request)
        content = await file_of(form)
        only_valid = form.get("only_valid") == "true"
        await _refuse_another_file(edge, actor, KINDS[kind], content, form.get("seen"))
        begun = await imports.start(edge, actor, KINDS[kind], content, only_valid)
    except Rejected as refusal:
        return await _refused(edge, actor, request, refusal)
    to = f"/imports/{begun['import_id']}"
    if is_partial(request):
        return Response(status_code=204, headers={"HX-Redirect": to})
    return RedirectResponse(to, 303)


@router.get("/imports/{import_id}")
async def get_import(
    edge: TheEdge, actor: SignedIn, request: Request, import_id: ImportId
) -> Response:
    made = await imports.status(edge, actor, import_id)
    template = "_import.html" if is_partial(request) else "import.html"
    return render(request, template, actor, **_shown(made))


@router.post("/imports/{import_id}/undo")
async def post_undo(edge: TheEdge, actor: SignedIn, import_id: ImportId) -> Response:
    await imports.undo(edge, actor, import_id)
    return RedirectResponse(f"/imports/{import_id}", 303)


def _shown(made: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "made": made,
        "kind": KINDS[made["kind"]],
        "is_under_way": made["status"] in UNDER_WAY,
        "may_undo": made["status"] == "done" and made["counts"].get("placed"),
    }


def _kinds(actor: Actor) -> list[Kind]:
    return [kind for kind in KINDS.values() if actor.role in MAY[kind.places.__name__]]


async def _refuse_another_file(
    edge: Edge, actor: Actor, kind: Kind, content: bytes, seen: object
) -> None:
    if seen != await imports.numbered(edge, actor, kind, content):
        raise InvalidInput("这个文件与刚才预览的不同，请重新预览后再确认")


async def _refused(edge: Edge, actor: Actor, request: Request, refusal: Rejected) -> Response:
    is_silent = isinstance(refusal, Unavailable) and is_partial(request)
    status = TRY_AGAIN if is_silent else STATUS[refusal.code]
    return await _page(edge, actor, request, status=status, problem=refusal)


async def _page(  # noqa: PLR0913, PLR0917 - what the page shows
    edge: Edge,
    actor: Actor,
    request: Request,
    status: int = 200,
    preview: Mapping[str, Any] | None = None,
    problem: Rejected | None = None,
) -> Response:
    """The whole page, or for htmx what follows from the chosen file."""
    shown = {"preview": preview, "problem": problem, "kinds": _kinds(actor)}
    if is_partial(request):
        return render(request, "_preview.html", actor, status, **shown)
    made = [] if problem else await imports.latest(edge, actor)
    return render(request, "imports.html", actor, status, **shown, made=made)
