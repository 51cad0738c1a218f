"""What comes from a stranger's phone is kept as a picture or as pages, and as nothing else."""

import asyncio
import io
import struct
import zlib

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf, String
from PIL import Image

from services.gateway.attachments import cleaning, documents
from services.gateway.attachments.apart import clean_apart
from services.gateway.attachments.cleaning import clean
from shared.rejection import InvalidInput

SECRET = b"31.2304N121.4737E"
ORIENTATION, MAKER_NOTE, GPS = 0x0112, 0x927C, 0x8825
TURNED_RIGHT = 6


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (640, 400), orientation: int | None = None
) -> bytes:
    picture = Image.effect_noise(size, 40).convert("RGB")
    exif = Image.Exif()
    exif[MAKER_NOTE] = SECRET
    exif[0x9286] = SECRET
    exif.get_ifd(GPS)[29] = SECRET.decode()
    if orientation:
        exif[ORIENTATION] = orientation
    written = io.BytesIO()
    picture.save(written, kind, exif=exif)
    return written.getvalue()


def seen(content: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(content))
    picture.load()
    return picture


def refusal_of(content: bytes) -> str:
    with pytest.raises(InvalidInput) as refused:
        clean(content)
    assert refused.value.fields == {"file": refused.value.message}
    return refused.value.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_loses_what_the_camera_wrote_into_it(kind: str):
    taken = photo(kind)
    assert SECRET in taken
    kept = clean(taken)
    assert kept.kind == "photo"
    assert SECRET not in kept.content
    assert dict(seen(kept.content).getexif()) == {}


def test_a_photo_stands_upright():
    assert clean(photo(orientation=TURNED_RIGHT)).size == (400, 640)


def test_a_photo_is_no_larger_than_needed():
    kept = clean(photo(size=(4000, 3000)))
    assert kept.size == (2560, 1920)
    assert seen(kept.content).size == (2560, 1920)


def test_what_is_hidden_behind_a_photo_is_not_kept():
    """A file can be a photo and an archive or a page at once."""
    kept = clean(photo() + b"<script>alert(1)</script>PK\x05\x06" + b"\0" * 18)
    assert b"script" not in kept.content
    assert b"PK\x05\x06" not in kept.content


def test_transparent_becomes_white():
    written = io.BytesIO()
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(written, "PNG")
    assert seen(clean(written.getvalue()).content).getpixel((4, 4)) == (255, 255, 255)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><script>alert(1)</script></html>",
        b"GIF89a" + b"\0" * 60,
        b"MZ\x90\0",
        b"",
        b"%!PS-Adobe",
    ],
)
def test_anything_else_is_refused_with_what_to_do(content: bytes):
    assert refusal_of(content) == cleaning.ONLY_THESE


def test_a_photo_that_was_cut_off_is_refused():
    assert refusal_of(photo()[:900]) == cleaning.BROKEN


def test_a_small_file_with_a_huge_picture_is_refused():
    chunks = [
        (b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0" * 10_000)),
        (b"IEND", b""),
    ]
    bomb = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )
    assert refusal_of(bomb) == cleaning.TOO_BIG


def document(pages: int = 1, **root: pikepdf.Object) -> Pdf:
    pdf = Pdf.new()
    for _ in range(pages):
        pdf.add_blank_page(page_size=(595, 842))
    for key, value in root.items():
        pdf.Root[f"/{key}"] = value
    return pdf


def as_bytes(pdf: Pdf, **how: pikepdf.Encryption) -> bytes:
    written = io.BytesIO()
    pdf.save(written, **how)
    return written.getvalue()


def script() -> Dictionary:
    return Dictionary(S=Name.JavaScript, JS=String("app.alert('JSMARK')"))


def all_of(content: bytes) -> bytes:
    """Every object of a PDF, unpacked."""
    with Pdf.open(io.BytesIO(content)) as pdf:
        written = io.BytesIO()
        pdf.save(
            written,
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
            stream_decode_level=pikepdf.StreamDecodeLevel.generalized,
            compress_streams=False,
        )
    return written.getvalue()


def test_nothing_in_a_document_runs():
    pdf = document(OpenAction=script(), AA=Dictionary(WC=script()))
    pdf.pages[0].obj["/AA"] = Dictionary(O=script())
    link = Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=[0, 0, 9, 9], A=script())
    pdf.pages[0].obj["/Annots"] = Array([pdf.make_indirect(link)])
    pdf.Root["/Names"] = Dictionary(JavaScript=Dictionary(Names=Array([String("x"), script()])))
    taken = as_bytes(pdf)
    assert b"JSMARK" in all_of(taken)
    kept = clean(taken)
    assert kept.kind == "document"
    assert b"JSMARK" not in all_of(kept.content)
    with Pdf.open(io.BytesIO(kept.content)) as pages:
        assert len(pages.pages) == 1


def test_a_document_carries_no_other_file_and_no_author():
    pdf = document()
    pdf.attachments["hidden.txt"] = b"HIDDENMARK"
    with pdf.open_metadata() as metadata:
        metadata["dc:creator"] = ["AUTHORMARK"]
    pdf.docinfo["/Author"] = "AUTHORMARK"
    taken = all_of(as_bytes(pdf))
    assert b"HIDDENMARK" in taken
    assert b"AUTHORMARK" in taken
    kept = all_of(clean(as_bytes(pdf)).content)
    assert b"HIDDENMARK" not in kept
    assert b"AUTHORMARK" not in kept


def test_a_photo_in_a_document_loses_its_place_too():
    pdf, taken = document(), photo()
    picture = pikepdf.Stream(pdf, taken)
    picture.update(Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=640, Height=400))
    picture.ColorSpace, picture.BitsPerComponent = Name.DeviceRGB, 8
    picture.Filter = Name.DCTDecode
    pdf.pages[0].obj["/Resources"] = Dictionary(XObject=Dictionary(Im0=picture))
    pdf.pages[0].obj["/Contents"] = pikepdf.Stream(pdf, b"q 595 0 0 842 0 0 cm /Im0 Do Q")
    assert SECRET in as_bytes(pdf)
    with Pdf.open(io.BytesIO(clean(as_bytes(pdf)).content)) as kept:
        found = kept.pages[0].obj["/Resources"]["/XObject"]["/Im0"]
        raw = bytes(found.read_raw_bytes())
    assert SECRET not in raw
    assert seen(raw).tobytes() == seen(taken).tobytes()


def test_a_document_with_a_password_is_refused():
    locked = as_bytes(document(), encryption=pikepdf.Encryption(owner="a", user="b"))
    assert refusal_of(locked) == documents.LOCKED


def test_a_broken_document_is_refused():
    assert refusal_of(b"%PDF-1.7 and nothing behind it") == documents.BROKEN


def test_a_document_with_too_many_pages_is_refused():
    assert refusal_of(as_bytes(document(pages=101))) == documents.TOO_MANY


def test_cleaning_happens_in_another_process():
    kept = asyncio.run(clean_apart(photo()))
    assert (kept.kind, kept.size) == ("photo", (640, 400))
    with pytest.raises(InvalidInput, match="JPG"):
        asyncio.run(clean_apart(b"<svg/>"))
