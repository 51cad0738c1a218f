"""When and where a year's requests come, and who places them."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from deploy.county.entries import CountyFiles
from deploy.demo.people import Residents
from shared.calendar import BEIJING
from shared.working_calendar import Calendar

ON_A_DAY_OFF = 0.25
BUSY_DAYS, TIMES_AS_MANY = 4, 6
"""Now and then a flood, a cold snap, a rumour: many times as many on one day."""

Wish = dict[str, object]


@dataclass(frozen=True)
class Arrival:
    """One request to come. `wish` holds who asks for what, as a form would."""

    at: datetime
    grid_id: str
    village_id: str
    wish: Wish


def arrivals(county: CountyFiles, first: date, days: int, count: int, seed: int) -> list[Arrival]:
    """In order of time, the same for the same seed. Small townships ask less than large ones."""
    chance, residents = random.Random(seed), Residents(seed)
    names = {area.area_id: area.name for area in county.areas}
    grids = [(area.area_id, area.parent_id or "") for area in county.areas if area.kind == "grid"]
    weights = [chance.lognormvariate(0, 0.5) for _ in grids]
    found = []
    for day in _days(chance, first, days, count):
        grid_id, village_id = chance.choices(grids, weights)[0]
        wish = residents.next_wish(names[village_id])
        found.append(Arrival(_moment(chance, day), grid_id, village_id, wish))
    return sorted(found, key=lambda arrival: arrival.at)


def _days(chance: random.Random, first: date, days: int, count: int) -> Iterator[date]:
    calendar = Calendar()
    all_days = [first + timedelta(days=number) for number in range(days)]
    busy = set(chance.sample(all_days, min(BUSY_DAYS, days)))
    weights = [
        (1.0 if calendar.is_working_day(day) else ON_A_DAY_OFF)
        * (TIMES_AS_MANY if day in busy else 1)
        for day in all_days
    ]
    yield from chance.choices(all_days, weights, k=count)


def _moment(chance: random.Random, day: date) -> datetime:
    """Mostly in the morning and in the afternoon; a few at night."""
    hour = chance.choice((9.5, 15.5)) + chance.gauss(0, 1.4)
    seconds = int(min(max(hour, 0), 23.9) * 3600)
    return datetime.combine(day, time(), BEIJING) + timedelta(seconds=seconds)
