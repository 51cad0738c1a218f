"""CSV as Excel, WPS and databases write it: any of four encodings, any of three separators."""

import codecs
import csv
import io
import sys
from collections.abc import Iterator

from services.gateway.exchange.safe_cells import shown_in_csv
from services.gateway.exchange.tables import Line, refused

SEPARATORS = ",\t;"
ENCODINGS = ("utf-8", "gb18030")
"""GB18030 holds GBK and GB2312. It comes last, because it also fits much that is not Chinese."""

UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def lines(content: bytes) -> Iterator[Line]:
    """Every record with its number. Raises InvalidInput."""
    text = decoded(content)
    csv.field_size_limit(sys.maxsize)  # how long a cell may be is said with its place, in tables
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text), strict=True)
    number = 0
    try:
        for number, record in enumerate(reader, start=1):
            yield Line(number, tuple(shown_in_csv(cell) for cell in record))
    except csv.Error:
        advice = "引号没有成对。请用 Excel 或 WPS 打开，另存为 .xlsx 再导入"
        raise refused(f"第 {number + 1} 行的{advice}") from None


def decoded(content: bytes) -> str:
    """The text, by its byte order mark or by what it can be. Raises InvalidInput."""
    if content.startswith(UTF_16):
        return _strictly(content, "utf-16")
    for encoding in ENCODINGS:
        try:
            text = content.removeprefix(codecs.BOM_UTF8).decode(encoding)
        except UnicodeDecodeError:
            continue
        return _plain(text)
    raise refused(NOT_TEXT)


NOT_TEXT = "认不出文件的编码或格式，请用 Excel 或 WPS 打开，另存为 .xlsx 或“CSV UTF-8”再导入"


def _strictly(content: bytes, encoding: str) -> str:
    try:
        return _plain(content.decode(encoding))
    except UnicodeDecodeError:
        raise refused(NOT_TEXT) from None


def _plain(text: str) -> str:
    if "\0" in text:
        raise refused(NOT_TEXT)
    return text


def separator(text: str) -> str:
    """The one that the first filled line has most of; a comma if it has none."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=first.count)
