"""What the year has done already must not be done again when the services start.

Every wish of every policy is in the log, so policies begin behind it; nobody needs the messages of
a year, so the relay does too. Views begin at the start, and fold the year.
"""

from collections.abc import Mapping
from typing import Any

from shared.adapters.mongo_checkpoints import MongoCheckpoints, MongoTrails
from shared.relay import Trail
from shared.settings import Settings

REACTING = ("requests", "dispatch")
POLICY = "policy"
"""What both call the subscription that reacts."""

NEVER_HELD = 0
"""The token of a lease that nobody has held: any relay goes before it."""


def mark_as_done(
    client: Any, settings: Settings, position: int, last_of_type: Mapping[str, int]
) -> None:
    """`position`: of the last event in the log; `last_of_type`: of the last of each type."""
    for service in REACTING:
        checkpoints = MongoCheckpoints(client[settings.database(service)])
        checkpoints.store(POLICY, position)
    trails = MongoTrails(client[settings.database("relay")])
    trails.store(Trail(position, last_of_type), NEVER_HELD)
