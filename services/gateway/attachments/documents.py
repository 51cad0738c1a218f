"""A PDF of pages alone: nothing in it runs, leads elsewhere, hides a file or names an author."""

import io
from collections.abc import Iterator

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf

from shared.rejection import InvalidInput

MAX_PAGES = 100
BROKEN = "PDF 文件已损坏，打不开。请重新导出一份"
LOCKED = "PDF 文件设了密码。请去掉密码后再上传"
TOO_MANY = f"PDF 超过 {MAX_PAGES} 页。请只上传需要的几页"

ACTING = ("/OpenAction", "/AA", "/AcroForm", "/Names", "/URI", "/Collection", "/AF", "/Threads")
"""What a document may do by itself, or carry beside its pages."""

TELLING = ("/Metadata", "/PieceInfo", "/LastModified")
ON_A_PAGE = ("/AA", "/AF", "/Annots", *TELLING)
APPLICATION_SEGMENTS = range(0xE0, 0xF0)
ADOBE = 0xEE
"""Says how colours are to be read; without it a picture may come out inverted."""

COMMENT = 0xFE
START_OF_SCAN = 0xDA


def clean_document(content: bytes) -> bytes:
    """The same pages and nothing else. Raises InvalidInput."""
    try:
        with Pdf.open(io.BytesIO(content)) as document:
            if len(document.pages) > MAX_PAGES:
                raise InvalidInput(TOO_MANY, file=TOO_MANY)
            return _pages_alone(document)
    except pikepdf.PasswordError:
        raise InvalidInput(LOCKED, file=LOCKED) from None
    except pikepdf.PdfError:
        raise InvalidInput(BROKEN, file=BROKEN) from None


def _pages_alone(document: Pdf) -> bytes:
    """Into a new document: what no page needs is not copied."""
    if not document.pages:
        raise InvalidInput(BROKEN, file=BROKEN)
    with Pdf.new() as fresh:
        fresh.pages.extend(document.pages)
        for key in (*ACTING, *TELLING):
            if key in fresh.Root:
                del fresh.Root[key]
        for page in fresh.pages:
            for key in ON_A_PAGE:
                if key in page.obj:
                    del page.obj[key]
        for found in fresh.objects:
            _quieten(found)
        written = io.BytesIO()
        fresh.save(written, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return written.getvalue()


def _quieten(found: pikepdf.Object) -> None:
    """Pictures and forms on a page have things to tell, too."""
    if not isinstance(found, pikepdf.Stream | Dictionary):
        return
    for key in TELLING:
        if key in found:
            del found[key]
    if isinstance(found, pikepdf.Stream) and found.get("/Filter") in _JPEG:
        quiet = without_application_segments(found.read_raw_bytes())
        found.write(quiet, filter=Name.DCTDecode)


_JPEG = (Name.DCTDecode, Array([Name.DCTDecode]))


def without_application_segments(jpeg: bytes) -> bytes:
    """A JPEG without what its camera wrote into it (place, time, preview)."""
    return jpeg[:2] + b"".join(_kept(jpeg))


def _kept(jpeg: bytes) -> Iterator[bytes]:
    """Segment by segment up to the picture itself (ITU T.81, B.1.1)."""
    at = 2
    while at + 4 <= len(jpeg) and jpeg[at] == 0xFF:  # noqa: PLR2004 - every marker begins so
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4])
        if marker == START_OF_SCAN:
            break
        tells = marker == COMMENT or (marker in APPLICATION_SEGMENTS and marker != ADOBE)
        if not tells:
            yield jpeg[at : at + 2 + length]
        at += 2 + length
    yield jpeg[at:]
