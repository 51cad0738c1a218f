"""What is kept of a file: only what can be seen on it, made anew.

A photo is decoded and encoded again, so nothing of the phone's file is left: no place, no camera,
no hidden second file. A document keeps its pages and loses whatever could act or tell on somebody.
"""

import io
import warnings

import orjson
from PIL import Image, ImageOps, UnidentifiedImageError

from services.gateway.apart import serve
from services.gateway.attachments.apart import BOUNDS, Cleaned
from services.gateway.attachments.documents import clean_document
from shared.rejection import InvalidInput

MAX_PIXELS = 50_000_000
"""A phone's largest photos have 50 million; more is a bomb, not a photo."""

LONGEST_SIDE = 2560
"""Pixels: enough to read a form on a photo."""

QUALITY = 85
FORMATS = ("JPEG", "PNG", "WEBP")
PDF = b"%PDF-"
ONLY_THESE = "只能上传 JPG、PNG、WebP 照片或 PDF 文件。请重新拍照，或把文件另存为 PDF"
TOO_BIG = "照片太大，超过 5000 万像素。请用手机相机的普通模式重新拍摄"
BROKEN = "照片已损坏，打不开。请重新拍照，或换一张"


def clean(content: bytes) -> Cleaned:
    """What is kept of a file. Raises InvalidInput with what to do instead.

    What a file is, its content says; its name and its declared type are nobody's word.
    """
    if content.startswith(PDF):
        return Cleaned("document", clean_document(content))
    return _clean_photo(content)


def _clean_photo(content: bytes) -> Cleaned:
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=FORMATS) as photo:
                _refuse_a_bomb(photo)
                return _encoded(_upright(photo))
        except UnidentifiedImageError:
            raise InvalidInput(ONLY_THESE, file=ONLY_THESE) from None
        except (Image.DecompressionBombWarning, Image.DecompressionBombError):
            raise InvalidInput(TOO_BIG, file=TOO_BIG) from None
        except (OSError, SyntaxError, ValueError):  # Pillow's ways to say that a file is broken
            raise InvalidInput(BROKEN, file=BROKEN) from None


def _refuse_a_bomb(photo: Image.Image) -> None:
    width, height = photo.size
    if width * height > MAX_PIXELS:
        raise InvalidInput(TOO_BIG, file=TOO_BIG)


def _upright(photo: Image.Image) -> Image.Image:
    """As it was held when taken, no larger than needed, on white where it was transparent."""
    photo.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded small at once
    turned = ImageOps.exif_transpose(photo)
    turned.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    seen = turned.convert("RGBA")
    on_white = Image.new("RGBA", seen.size, "white")
    on_white.alpha_composite(seen)
    return on_white.convert("RGB")


def _encoded(photo: Image.Image) -> Cleaned:
    written = io.BytesIO()
    photo.save(written, "JPEG", quality=QUALITY, optimize=True)
    return Cleaned("photo", written.getvalue(), photo.size)


def told(content: bytes) -> bytes:
    """A line of JSON about the file, then the file; or a refusal."""
    try:
        found = clean(content)
    except InvalidInput as refusal:
        return orjson.dumps({"refused": refusal.message})
    return orjson.dumps({"kind": found.kind, "size": found.size}) + b"\n" + found.content


if __name__ == "__main__":
    serve(BOUNDS, told)
