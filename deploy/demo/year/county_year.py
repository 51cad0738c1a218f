"""The year of a county: set up, then told case by case, in the order of time."""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from deploy.county.difference import SET_UP, Standing, difference
from deploy.county.entries import CountyFiles
from deploy.demo.year.arrivals import Arrival, Wish, arrivals
from deploy.demo.year.case import Case, Story
from deploy.demo.year.stories import told
from deploy.demo.year.world import World
from shared.calendar import BEIJING
from shared.contracts.actor import Actor
from shared.handling import digest_of
from shared.lifecycle import OPEN

DAYS = 365


@dataclass
class CountyYear:
    """`live()` tells the year into `world`; `people` hears who asked, apart from the log."""

    county: CountyFiles
    world: World
    seed: int
    count: int
    keep_particulars: Callable[[str, str, Wish], None]
    keep_note: Callable[[str, str, str], None]
    on_day: Callable[[date], None]
    _actors: dict[str, Actor] = field(default_factory=dict)
    _placed: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def live(self, first: date) -> None:
        self._set_up()
        self._actors = self._everybody()
        for number, arrival in enumerate(arrivals(self.county, first, DAYS, self.count, self.seed)):
            at = arrival.at.astimezone(UTC)
            self.world.at(at, partial(self._begin, f"R{self.seed}Y{number:05d}", arrival))
        for day in (first + timedelta(days=number) for number in range(DAYS)):
            self.world.live(midnight(day + timedelta(days=1)))
            self.on_day(day)

    def _set_up(self) -> None:
        for step in difference(self.county, Standing(), self.world.now).steps:
            self.world.say(step.command, f"{SET_UP.account_id}:{digest_of(step.command)[:40]}")

    def _everybody(self) -> dict[str, Actor]:
        actors = {
            one.account_id: Actor(
                account_id=one.account_id,
                role=one.role,
                organization_id=one.organization_id,
                area_ids=one.area_ids,
            )
            for one in self.county.accounts
        }
        by_role = {actor.role: actor for actor in actors.values()}
        return actors | {
            "center": by_role["center_dispatcher"],
            "caller": by_role["return_visit_caller"],
        }

    def _begin(self, request_id: str, arrival: Arrival) -> None:
        case = Case(
            world=self.world,
            request_id=request_id,
            actors=self._actors,
            worker=self._worker_of(arrival.grid_id),
            clerk=self._clerk_of(arrival.village_id),
            chance=random.Random(f"{self.seed}-{request_id}"),
            keep_note=self.keep_note,
        )
        particulars_id = f"P{request_id[1:]}"
        self.keep_particulars(particulars_id, request_id, arrival.wish)
        wish = {name: said for name, said in arrival.wish.items() if name != "particulars"}
        alike = self._placed[arrival.village_id, str(wish["service_code"])]
        others = [id for id in alike if self._is_open(id)]
        alike.append(request_id)
        said = {"grid_id": arrival.grid_id, "particulars_id": particulars_id, **wish}
        self._go_on(told(case, said, others))

    def _go_on(self, story: Story) -> None:
        when = next(story, None)
        if when is not None:
            self.world.at(when, lambda: self._go_on(story))

    def _is_open(self, request_id: str) -> bool:
        return self.world.state("service_request", request_id).status in OPEN

    def _worker_of(self, grid_id: str) -> Actor:
        workers = self.county.grids_by_worker
        return self._actors[next(id for id, grids in workers.items() if grid_id in grids)]

    def _clerk_of(self, village_id: str) -> Actor:
        above = next(one.parent_id for one in self.county.areas if one.area_id == village_id)
        clerks = (one for one in self._actors.values() if one.role == "desk_clerk")
        return next(one for one in clerks if above in one.area_ids)


def midnight(day: date) -> datetime:
    """The beginning of a Beijing day, in UTC."""
    return datetime.combine(day, time(), BEIJING).astimezone(UTC)
