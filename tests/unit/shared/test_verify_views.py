"""A view is checked against the log row by row; whatever was changed by hand is named."""

import pytest

from services.requests.domain.views import KnownArea, known_areas
from shared.contracts.grid import AreaRegistered
from shared.testing.facts import log_of
from shared.verify_views import Stored, differences

county = AreaRegistered(area_id="C", kind="county", name="云岭县", parent_id=None, path=("C",))
center = AreaRegistered(area_id="Z", kind="center", name="中心", parent_id="C", path=("C", "Z"))
FACTS = log_of(county, center)
COUNTY = KnownArea(area_id="C", kind="county", path=("C",), name="云岭县")
CENTER = KnownArea(area_id="Z", kind="center", path=("C", "Z"), name="中心")
RIGHT = {"C": Stored(1, COUNTY), "Z": Stored(2, CENTER)}


def test_rows_that_follow_from_the_log_hold():
    assert differences(known_areas, FACTS, RIGHT, checkpoint=2) == []


def test_a_row_that_has_not_caught_up_yet_is_no_difference():
    assert differences(known_areas, FACTS, {"C": RIGHT["C"]}, checkpoint=1) == []


@pytest.mark.parametrize(
    ("stored", "key", "why"),
    [
        ({**RIGHT, "C": Stored(1, CENTER)}, "C", "differs at position 1"),
        ({**RIGHT, "Z": Stored(2, None)}, "Z", "differs at position 2"),
        ({"C": RIGHT["C"]}, "Z", "has not seen position 2"),
        ({**RIGHT, "X": Stored(2, CENTER)}, "X", "log has nothing for it"),
        ({**RIGHT, "Z": Stored(9, CENTER)}, "Z", "log has nothing for it"),
    ],
    ids=["changed", "dropped", "missing", "invented", "ahead"],
)
def test_a_row_that_does_not_follow_from_the_log_is_named(stored, key, why):
    (difference,) = differences(known_areas, FACTS, stored, checkpoint=2)
    assert difference.key == key
    assert why in difference.detail
