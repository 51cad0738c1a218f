"""A mass organisation (群团组织) and its service menu (服务菜单), told as examples."""

from datetime import UTC, datetime

from services.dispatch.domain.organization import organization
from shared.contracts import dispatch as msg
from shared.contracts.actor import SYSTEM
from shared.rejection import InvalidInput, NotAllowedNow, NotFound
from shared.testing.spec import given_for

given = given_for(organization, None)

asked = {"organization_id": "org-red", "at": datetime(2026, 5, 1, tzinfo=UTC), "by": SYSTEM}

repair = msg.Offer(service_code="home-repair", name="居家维修", area_ids=("county-1",))
visit = msg.Offer(service_code="home-visit", name="入户走访", area_ids=("town-3",))
nowhere = msg.Offer(service_code="legal-aid", name="法律援助", area_ids=())

register = msg.RegisterOrganization(**asked, name="县红十字会", kind="red_cross")
set_menu = msg.SetServiceMenu(**asked, offers=(repair, visit))

registered = msg.OrganizationRegistered(
    organization_id="org-red", name="县红十字会", kind="red_cross"
)
menu_set = msg.ServiceMenuSet(organization_id="org-red", offers=(repair, visit))


def test_an_organization_registers():
    given().when(register).then(registered)


def test_registering_twice_changes_nothing():
    given(registered).when(register).then_nothing_happens()


def test_another_organization_cannot_take_a_number_that_is_in_use():
    another = register.model_copy(update={"name": "县妇联", "kind": "womens_federation"})
    given(registered).when(another).then_rejected(NotAllowedNow, "organization_id")


def test_a_menu_replaces_the_one_before():
    shorter = set_menu.model_copy(update={"offers": (visit,)})
    given(registered).when(set_menu).then(menu_set)
    given(registered, menu_set).when(shorter).then(menu_set.model_copy(update={"offers": (visit,)}))


def test_the_same_menu_again_changes_nothing():
    given(registered, menu_set).when(set_menu).then_nothing_happens()


def test_a_menu_needs_an_organization():
    given().when(set_menu).then_rejected(NotFound)


def test_a_menu_names_every_service_once():
    doubled = set_menu.model_copy(update={"offers": (repair, visit, repair)})
    given(registered).when(doubled).then_rejected(InvalidInput, "offers")


def test_a_menu_says_where_each_service_is_offered():
    vague = set_menu.model_copy(update={"offers": (nowhere,)})
    given(registered).when(vague).then_rejected(InvalidInput, "offers")


def test_it_concerns_its_own_people():
    assert given(registered).audience == ("org:org-red",)


rename = msg.RenameOrganization(**asked, name="县红会")
renamed = msg.OrganizationRenamed(organization_id="org-red", name="县红会")


def test_an_organization_gets_another_name_and_keeps_its_menu():
    given(registered, menu_set).when(rename).then(renamed)
    given(registered, menu_set, renamed).when(rename).then_nothing_happens()
    given(registered, menu_set, renamed).when(set_menu).then_nothing_happens()


def test_only_a_registered_organization_can_be_renamed():
    given().when(rename).then_rejected(NotFound)
