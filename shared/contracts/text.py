"""Text that can be stored and shown: no NUL, no lone surrogates, no hidden direction changes."""

import unicodedata

MAX_NOTE_LENGTH = 4000
"""Characters in the text of a request or a remark (real messages: median 192, longest 3,191)."""

_ALLOWED_CONTROLS = {"\n", "\r", "\t"}


def speakable(text: str) -> str:
    """Return `text` unchanged, or raise ValueError when it holds control characters or surrogates.

    Line breaks and tabs are fine. Cs (lone surrogates), Cc (NUL and friends) and the
    bidirectional overrides are refused: they cannot be stored, or make a screen lie.
    """
    for character in text:
        category = unicodedata.category(character)
        if category == "Cs" or (category == "Cc" and character not in _ALLOWED_CONTROLS):
            raise ValueError("含有无法保存的控制字符,请删除后重试")
        if "\u202a" <= character <= "\u202e" or "\u2066" <= character <= "\u2069":
            raise ValueError("含有改变文字方向的隐藏字符,请删除后重试")
    return text
