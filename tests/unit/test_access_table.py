"""The table of roles leaves no command out, and a tag lets nobody do more than its thing."""

import pytest

from shared.access import MAY, may, scope_of
from shared.contracts.actor import Actor
from shared.contracts.registry import COMMANDS

HOLDER = Actor(account_id="resident", role="resident", request_id="R1")
AUDIENCE = ("area:county", "area:grid-03", "request:R1", "org:union")


def test_every_command_says_who_may_give_it():
    assert set(MAY) == set(COMMANDS)
    assert all(MAY.values())


def test_whoever_holds_a_link_rates_that_one_request_and_does_nothing_else():
    assert {name for name in COMMANDS if may(HOLDER, name, AUDIENCE)} == {"RateService"}
    assert not may(HOLDER, "RateService", ("area:county", "request:R2"))


def test_a_resident_without_a_request_may_nothing():
    nobody = Actor(account_id="resident", role="resident")
    assert not any(may(nobody, name, AUDIENCE) for name in COMMANDS)


@pytest.mark.parametrize("role", ["administrator", "auditor"])
def test_who_runs_the_system_sees_no_case(role):
    assert scope_of(Actor(account_id="me", role=role)) == ()
