"""What the year has done already must not be done again when the services start.

Every wish of every policy is in the log, so policies begin behind it; nobody needs the messages of
a year, so the relay does too. Views begin at the start, and fold the year.
"""

from typing import Any

from deploy.demo.year.world import World
from shared.adapters.mongo_checkpoints import MongoCheckpoints, MongoTrails
from shared.relay import Trail
from shared.settings import Settings

REACTING = {"requests": "requests.policy", "dispatch": "dispatch.policy"}
NEVER_HELD = 0
"""The token of a lease that nobody has held: any relay goes before it."""


def mark_as_done(client: Any, settings: Settings, world: World) -> None:
    for database, subscription in REACTING.items():
        checkpoints = MongoCheckpoints(client[settings.database(database)])
        checkpoints.store(subscription, world.position)
    trails = MongoTrails(client[settings.database("relay")])
    trails.store(Trail(world.position, world.last_of_type), NEVER_HELD)
