"""The 18-character unified social credit code (统一社会信用代码) and its check digit."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""GB 32100-2015: digits and capitals without I, O, S, V and Z."""

_BASE = len(ALPHABET)
_WEIGHTS = tuple(pow(3, place, _BASE) for place in range(17))


def has_right_check_digit(code: str) -> bool:
    """Whether the last character follows from the seventeen before it (GB 32100-2015, MOD 31)."""
    if any(character not in ALPHABET for character in code):
        return False
    values = [ALPHABET.index(character) for character in code]
    total = sum(weight * value for weight, value in zip(_WEIGHTS, values[:-1], strict=True))
    return (total + values[-1]) % _BASE == 0
