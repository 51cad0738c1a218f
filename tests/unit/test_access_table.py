"""The table of roles leaves no command out."""

from shared.access import MAY
from shared.contracts.registry import COMMANDS


def test_every_command_says_who_may_give_it():
    assert set(MAY) == set(COMMANDS)
    assert all(MAY.values())
