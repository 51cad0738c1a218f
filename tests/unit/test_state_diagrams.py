"""docs/states.md shows what the rules do."""

from tests.state_diagrams import PAGE, page


def test_the_page_is_drawn_from_the_rules_of_today():
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.state_diagrams"
