"""Cells that a spreadsheet shows as they are: no formula runs, no leading zero is lost.

In CSV, text that a spreadsheet would run as a formula gets an apostrophe in front, and digits that
it would shorten get a tab; reading takes both away again. In a workbook every cell is stored as
text, which needs neither.
"""

import re

_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
"""Full-width signs start a formula in East Asian settings; an apostrophe before them is ours."""

_SHORTENED = re.compile(r"0\d+|\d{12,}|\d+[eE]\d+")
_NOT_IN_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LOOKS_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_ESCAPED_CONTROL = re.compile(r"_x00([01][0-9A-Fa-f])_")


def safe_in_csv(text: str) -> str:
    """What to write for `text`: `=1+1` → `'=1+1`, `0012` → a tab and `0012`."""
    if _FORMULA.match(text):
        return f"'{text}"
    return f"\t{text}" if _SHORTENED.fullmatch(text) else text


def shown_in_csv(cell: str) -> str:
    """What a CSV cell says, without what keeps spreadsheets quiet and without spaces around it."""
    said = cell.strip()
    return said[1:] if said.startswith("'") and _FORMULA.match(said) else said


def safe_in_workbook(text: str) -> str:
    """Text for a workbook's XML: characters that XML cannot hold are left out."""
    return _LOOKS_ESCAPED.sub("_x005F_", _NOT_IN_XML.sub("", text))


def shown_in_workbook(text: str) -> str:
    """What a workbook's text says: Excel writes a carriage return as `_x000D_`."""
    said = _ESCAPED_CONTROL.sub(lambda found: chr(int(found[1], 16)), text)
    return said.replace("_x005F_", "_").replace("\r\n", "\n").strip()
