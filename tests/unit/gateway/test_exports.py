"""What an export refuses before it begins."""

import pytest

from services.gateway.exports import MAX_EXPORT, refuse_too_many
from shared.rejection import InvalidInput


def test_too_many_rows_are_told_how_to_become_fewer():
    refuse_too_many(MAX_EXPORT)
    with pytest.raises(InvalidInput, match="分几次导出") as refused:
        refuse_too_many(MAX_EXPORT + 1)
    assert refused.value.fields
