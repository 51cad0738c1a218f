"""What requests knows of the county: areas, and services on offer."""

from services.requests.domain.views import KnownArea, OfferedServices, known_areas, offered_services
from shared.contracts import dispatch, grid
from shared.testing.facts import log_of
from shared.views import rebuild

village = grid.AreaRegistered(
    area_id="village-7",
    kind="village",
    name="七里村",
    parent_id="town-3",
    path=("county-1", "town-3", "village-7"),
)


def menu(*codes):
    offers = (dispatch.Offer(service_code=c, name="服务", area_ids=("county-1",)) for c in codes)
    return dispatch.ServiceMenuSet(organization_id="org-red", offers=tuple(offers))


def test_a_registered_area_is_known():
    known = KnownArea(area_id="village-7", kind="village", path=village.path, name="七里村")
    assert rebuild(known_areas, log_of(village)) == {"village-7": known}


def test_a_removed_area_is_no_longer_known():
    assert rebuild(known_areas, log_of(village, grid.AreaRemoved(area_id="village-7"))) == {}


def test_the_latest_menu_is_what_is_offered():
    offered = OfferedServices(organization_id="org-red", service_codes=("home-visit",))
    log = log_of(menu("home-repair"), menu("home-visit"))
    assert rebuild(offered_services, log) == {"org-red": offered}


def test_the_same_fact_twice_changes_nothing():
    once, twice = log_of(village), log_of(village, village)
    assert rebuild(known_areas, once) == rebuild(known_areas, twice)


def test_a_renamed_area_stays_where_it_is():
    renamed = grid.AreaRenamed(area_id="village-7", name="八里村")
    row = rebuild(known_areas, log_of(village, renamed))["village-7"]
    assert (row.name, row.path) == ("八里村", village.path)
