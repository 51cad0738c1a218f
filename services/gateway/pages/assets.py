"""Scripts and styles, served by ourselves: read at start, named by content, cached for ever."""

import base64
import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from fastapi import APIRouter, Request, Response

from shared.rejection import NotFound

GATEWAY = Path(__file__).parents[1]
NODE_MODULES = GATEWAY.parents[1] / "node_modules"

FILES: dict[str, Path] = {
    "pages.css": GATEWAY / "static/pages.css",
    "bell.js": GATEWAY / "static/bell.js",
    "pages.js": GATEWAY / "static/pages.js",
    "htmx.js": NODE_MODULES / "htmx.org/dist/htmx.min.js",
    "sse.js": NODE_MODULES / "htmx-ext-sse/dist/sse.min.js",
}
MEDIA_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}
FOR_EVER = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True)
class Asset:
    """One file as it is sent. `integrity` is what the page lets the browser check."""

    url: str
    integrity: str
    media_type: str
    plain: bytes
    compressed: bytes


def load() -> dict[str, Asset]:
    """Every file of FILES. Raises FileNotFoundError before `npm ci` has fetched the scripts."""
    return {name: _asset(name, path.read_bytes()) for name, path in FILES.items()}


def _asset(name: str, content: bytes) -> Asset:
    digest = hashlib.sha384(content).digest()
    return Asset(
        url=f"/static/{digest.hex()[:16]}/{name}",
        integrity=f"sha384-{base64.b64encode(digest).decode()}",
        media_type=MEDIA_TYPES[Path(name).suffix],
        plain=content,
        compressed=gzip.compress(content, mtime=0),
    )


@router.get("/static/{digest}/{name}")
async def get_asset(request: Request, digest: str, name: str) -> Response:
    asset: Asset | None = request.app.state.assets.get(name)
    if asset is None or asset.url != f"/static/{digest}/{name}":
        raise NotFound("没有这个文件，请刷新页面")
    headers = {"Cache-Control": FOR_EVER, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        headers["Content-Encoding"] = "gzip"
        return Response(asset.compressed, media_type=asset.media_type, headers=headers)
    return Response(asset.plain, media_type=asset.media_type, headers=headers)
