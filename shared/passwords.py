"""Which passwords are taken: long enough, not among the commonest, nothing about the place.

Source: NIST SP 800-63B-4 §3.1.1.2 and OWASP ASVS 5.0 §6.2: length instead of recipes, and a list of
what people use. The list is zxcvbn's 30,000 passwords of leaks, ranked; 1,090 of them are long
enough for our rule, and all of those are refused, not just the commonest 3,000.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache

SHORTEST = 10
LONGEST = 200
COMMONEST = 3_000
SHORTEST_NAME = 3

TOO_SHORT = f"密码至少 {SHORTEST} 个字符；可以用几个不相干的词连起来，好记又安全"
TOO_LONG = f"密码最多 {LONGEST} 个字符，请缩短"
TOO_COMMON = "这个密码太常见，容易被猜到；请换一个，例如几个不相干的词"
ABOUT_US = "密码里不要用账号名、县名或单位名，请换一个"

DECORATED = re.compile(r"([\W\d_]*)(.*?)([\W\d_]*)", re.DOTALL)
"""Digits and signs before a word, the word, and digits and signs behind it."""


def fault_of(password: str, names: Iterable[str] = ()) -> str | None:
    """What is wrong with a new password, as a remedy; None when it is good.

    `names`: the account's, the county's, the organisations': none of them may be in it.
    """
    plain = unicodedata.normalize("NFKC", password).casefold()
    if len(plain) < SHORTEST:
        return TOO_SHORT
    if len(password) > LONGEST:
        return TOO_LONG
    if _is_common(plain):
        return TOO_COMMON
    if any(_names(name, plain) for name in names):
        return ABOUT_US
    return None


def _is_common(plain: str) -> bool:
    """Itself, without the digits and signs around it, or one common piece said again and again."""
    is_known = plain in _leaked() or not _commonest().isdisjoint(_cores(plain))
    return is_known or _is_repeated(plain)


def _cores(plain: str) -> set[str]:
    """The word with ever more of its decoration: `abc`, `abc1`, … `abc1232026!`; "" if none."""
    found = DECORATED.fullmatch(plain)
    before, word, _ = found.groups() if found else ("", plain, "")
    starts = range(len(before) + 1)
    ends = range(len(before) + len(word), len(plain) + 1)
    return {plain[start:end] for start in starts for end in ends} if word else {""}


def _is_repeated(plain: str) -> bool:
    piece = plain[: (plain + plain).index(plain, 1)]
    return len(piece) < len(plain) and (len(piece) < SHORTEST)


def _names(name: str, plain: str) -> bool:
    bare = _bare(name.casefold())
    return len(bare) >= SHORTEST_NAME and bare in _bare(plain)


def _bare(text: str) -> str:
    """Letters and figures alone: `grid-worker-01` is in `GridWorker01!`."""
    return re.sub(r"[\W_]", "", text)


@cache
def _leaked() -> frozenset[str]:
    """Loaded at the first password that is chosen; the package is a megabyte of lists."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset(FREQUENCY_LISTS["passwords"])


@cache
def _commonest() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    return frozenset({"", *FREQUENCY_LISTS["passwords"][:COMMONEST]})
