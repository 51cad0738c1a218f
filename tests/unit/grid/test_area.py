"""The county's service grid (1+4+N) and its grid workers (网格员), told as examples."""

from datetime import UTC, datetime
from itertools import product

import pytest

from services.grid.domain.area import ABOVE, Area, Knowledge, area
from shared.contracts import grid as msg
from shared.contracts.actor import SYSTEM
from shared.rejection import InvalidInput, NotAllowedNow, NotFound
from shared.testing.spec import given_for

given = given_for(area, Knowledge())

asked = {"at": datetime(2026, 5, 1, tzinfo=UTC), "by": SYSTEM}

county = msg.AreaRegistered(
    area_id="county-1", kind="county", name="某县", parent_id=None, path=("county-1",)
)
village = msg.AreaRegistered(
    area_id="village-7",
    kind="village",
    name="七里村",
    parent_id="town-3",
    path=("county-1", "center-1", "town-3", "village-7"),
)
grid = msg.AreaRegistered(
    area_id="0371-003",
    kind="grid",
    name="三网格",
    parent_id="village-7",
    path=(*village.path, "0371-003"),
)
assigned = msg.GridWorkerAssigned(grid_id="0371-003", worker_id="grid-worker-03")
relieved = msg.GridWorkerRelieved(grid_id="0371-003", worker_id="grid-worker-03")

removed = msg.AreaRemoved(area_id="0371-003")

register_county = msg.RegisterArea(**asked, area_id="county-1", kind="county", name="某县")
register_grid = msg.RegisterArea(
    **asked, area_id="0371-003", kind="grid", name="三网格", parent_id="village-7"
)
assign = msg.AssignGridWorker(**asked, grid_id="0371-003", worker_id="grid-worker-03")
relieve = msg.RelieveGridWorker(**asked, grid_id="0371-003", worker_id="grid-worker-03")
remove = msg.RemoveArea(**asked, area_id="0371-003")

under_the_village = Knowledge(parent=Area(village), county_id="county-1")


def test_a_county_is_registered_first():
    given().when(register_county).then(county)


def test_there_is_only_one_county():
    another = register_county.model_copy(update={"area_id": "county-2"})
    settled = given().knowing(Knowledge(county_id="county-1"))
    settled.when(another).then_rejected(NotAllowedNow, "kind")


def test_a_county_hangs_under_nothing():
    hanging = register_county.model_copy(update={"parent_id": "center-1"})
    given().when(hanging).then_rejected(InvalidInput, "parent_id")


def test_an_area_remembers_the_whole_path_above_it():
    given().knowing(under_the_village).when(register_grid).then(grid)


def test_a_parent_has_to_be_registered():
    given().when(register_grid).then_rejected(InvalidInput, "parent_id")
    orphan = register_grid.model_copy(update={"parent_id": None})
    given().when(orphan).then_rejected(InvalidInput, "parent_id")


PAIRS = [(kind, above) for kind, above in product(ABOVE, ABOVE) if kind != "county"]
ALLOWED = {
    ("center", "county"),
    ("station", "center"),
    ("township_center", "center"),
    ("village", "station"),
    ("village", "township_center"),
    ("grid", "village"),
}


@pytest.mark.parametrize(("kind", "above"), PAIRS)
def test_each_kind_of_area_has_its_place(kind, above):
    parent = village.model_copy(update={"kind": above})
    story = given().knowing(Knowledge(parent=Area(parent), county_id="county-1"))
    command = register_grid.model_copy(update={"kind": kind})
    if (kind, above) in ALLOWED:
        story.when(command).then(grid.model_copy(update={"kind": kind}))
    else:
        story.when(command).then_rejected(InvalidInput, "parent_id")


def test_registering_twice_changes_nothing():
    given(grid).when(register_grid).then_nothing_happens()
    given(county).when(register_county).then_nothing_happens()


def test_another_area_cannot_take_a_code_that_is_in_use():
    renamed = register_grid.model_copy(update={"name": "四网格"})
    given(grid).when(renamed).then_rejected(NotAllowedNow, "area_id")


def test_a_grid_worker_takes_care_of_a_grid():
    given(grid).when(assign).then(assigned)


def test_assigning_twice_changes_nothing():
    given(grid, assigned).when(assign).then_nothing_happens()


def test_grid_workers_work_on_grids_only():
    in_the_village = assign.model_copy(update={"grid_id": "village-7"})
    given(village).when(in_the_village).then_rejected(InvalidInput, "grid_id")


def test_a_grid_has_to_be_registered_before_anybody_works_there():
    given().when(assign).then_rejected(NotFound)
    given().when(relieve).then_rejected(NotFound)


def test_a_grid_worker_is_relieved():
    given(grid, assigned).when(relieve).then(relieved)


def test_only_who_works_there_is_relieved():
    given(grid, assigned, relieved).when(relieve).then_rejected(NotAllowedNow)


def test_it_concerns_every_area_above():
    assert given(grid).audience == tuple(f"area:{area_id}" for area_id in grid.path)


def test_an_area_on_which_nothing_hangs_is_removed():
    given(grid).when(remove).then(removed)
    given(grid, assigned, relieved).when(remove).then(removed)


def test_what_still_hangs_on_an_area_keeps_it():
    given(grid).knowing(Knowledge(has_children=True)).when(remove).then_rejected(NotAllowedNow)
    given(grid).knowing(Knowledge(has_requests=True)).when(remove).then_rejected(NotAllowedNow)
    given(grid, assigned).when(remove).then_rejected(NotAllowedNow)


def test_what_is_not_there_cannot_be_removed():
    given().when(remove).then_rejected(NotFound)
    given(grid, removed).when(remove).then_rejected(NotFound)


def test_after_a_removal_the_code_is_free_again():
    renamed = register_grid.model_copy(update={"name": "四网格"})
    anew = grid.model_copy(update={"name": "四网格"})
    given(grid, removed).knowing(under_the_village).when(renamed).then(anew)


def test_nothing_hangs_under_a_removed_area():
    gone = Knowledge(parent=area.replay([village, msg.AreaRemoved(area_id="village-7")]))
    given().knowing(gone).when(register_grid).then_rejected(InvalidInput, "parent_id")


def test_nobody_works_in_a_removed_grid():
    given(grid, removed).when(assign).then_rejected(NotFound)


def test_its_removal_concerns_every_area_above():
    assert given(grid, removed).audience == given(grid).audience


rename = msg.RenameArea(**asked, area_id="0371-003", name="东湖网格")
renamed = msg.AreaRenamed(area_id="0371-003", name="东湖网格")


def test_an_area_gets_another_name():
    given(grid).when(rename).then(renamed)
    given(grid, renamed).when(rename).then_nothing_happens()


def test_only_what_is_registered_can_be_renamed():
    given().when(rename).then_rejected(NotFound)
    given(grid, removed).when(rename).then_rejected(NotFound)


def test_registering_it_again_goes_by_its_name_of_today():
    by_its_new_name = register_grid.model_copy(update={"name": "东湖网格"})
    story = given(grid, renamed).knowing(under_the_village)
    story.when(by_its_new_name).then_nothing_happens()
    story.when(register_grid).then_rejected(NotAllowedNow, "area_id")
