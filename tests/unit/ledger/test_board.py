"""Every number of the board opens to exactly the cases behind it."""

from services.ledger.domain.board import board
from services.ledger.domain.register import Wanted

DAY = "2026-05-01"


class Register:
    """Rows as dictionaries, counted the way a database would."""

    def __init__(self, *rows):
        self.rows = rows

    def matching(self, wanted: Wanted):
        asked = {k: v for k, v in vars(wanted).items() if v is not None}
        return [row for row in self.rows if all(row.get(k) == v for k, v in asked.items())]

    def count(self, wanted):
        return len(self.matching(wanted))

    def count_by(self, field, wanted):
        found: dict[str, int] = {}
        for row in self.matching(wanted):
            if row.get(field) is not None:
                found[row[field]] = found.get(row[field], 0) + 1
        return found


PLACED = {"placed_on": DAY, "status": "placed", "is_open": True}
AT_WORK = {**PLACED, "status": "taken_up", "organization_id": "O1"}
OLD = {**AT_WORK, "placed_on": "2026-04-30", "organization_id": "O2"}
CLOSED = {**AT_WORK, "status": "closed", "is_open": False, "completed_on": DAY, "closed_on": DAY}


def test_the_headline_counts_the_day_and_what_is_open():
    shown = board(Register(PLACED, AT_WORK, OLD, CLOSED), DAY)
    assert {figure.name: figure.count for figure in shown.headline} == {
        "placed_today": 3,
        "completed_today": 1,
        "closed_today": 1,
        "open_now": 3,
        "needs_ruling": 0,
    }


def test_each_figure_opens_to_its_cases():
    register = Register(PLACED, AT_WORK, OLD, CLOSED)
    shown = board(register, DAY)
    for figure in (*shown.headline, *shown.by_status, *shown.by_organization):
        assert len(register.matching(figure.wanted)) == figure.count, figure


def test_states_of_a_day_add_up_to_the_day():
    shown = board(Register(PLACED, AT_WORK, OLD, CLOSED), DAY)
    assert sum(figure.count for figure in shown.by_status) == shown.headline[0].count


def test_the_busiest_organisation_comes_first():
    shown = board(Register(AT_WORK, AT_WORK, OLD), DAY)
    assert [(figure.name, figure.count) for figure in shown.by_organization] == [
        ("O1", 2),
        ("O2", 1),
    ]
