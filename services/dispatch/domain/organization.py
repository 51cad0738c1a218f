"""One mass organisation (群团组织) and its service menu (服务菜单)."""

from collections import Counter
from dataclasses import dataclass, replace

from shared.contracts import dispatch as msg
from shared.decider import Decider
from shared.rejection import InvalidInput, NotAllowedNow, NotFound


@dataclass(frozen=True)
class Organization:
    """Only what the rules below ask about; screens have views of their own."""

    registered: msg.OrganizationRegistered | None = None
    offers: tuple[msg.Offer, ...] = ()


def decide(
    command: msg.OrganizationCommand, organization: Organization, _knowledge: None
) -> list[msg.OrganizationEvent]:
    match command:
        case msg.RegisterOrganization(organization_id=id, name=name, kind=kind):
            wanted = msg.OrganizationRegistered(organization_id=id, name=name, kind=kind)
            return _register(wanted, organization)
        case msg.RenameOrganization() | msg.SetServiceMenu() if organization.registered is None:
            raise NotFound("没有找到这个群团组织，请先登记")
        case msg.RenameOrganization(name=name) if _is_called(organization, name):
            return []
        case msg.RenameOrganization():
            return [msg.OrganizationRenamed(**command.said())]
        case msg.SetServiceMenu(offers=offers) if offers == organization.offers:
            return []
        case msg.SetServiceMenu(organization_id=id, offers=offers):
            _refuse_a_double_line(offers)
            _refuse_a_service_without_a_place(offers)
            return [msg.ServiceMenuSet(organization_id=id, offers=offers)]


def evolve(organization: Organization, event: msg.OrganizationEvent) -> Organization:
    """Never refuses: what happened, happened."""
    match event:
        case msg.OrganizationRegistered():
            return replace(organization, registered=event)
        case msg.OrganizationRenamed(name=name):
            registered = organization.registered
            renamed = registered and registered.model_copy(update={"name": name})
            return replace(organization, registered=renamed)
        case msg.ServiceMenuSet(offers=offers):
            return replace(organization, offers=offers)


def audience(organization: Organization) -> tuple[str, ...]:
    """The organisation's own people."""
    registered = organization.registered
    return (f"org:{registered.organization_id}",) if registered else ()


def _is_called(organization: Organization, name: str) -> bool:
    return organization.registered is not None and organization.registered.name == name


def _register(
    wanted: msg.OrganizationRegistered, organization: Organization
) -> list[msg.OrganizationEvent]:
    if organization.registered is None:
        return [wanted]
    if organization.registered == wanted:
        return []
    raise NotAllowedNow(
        "这个编号已经登记了另一个群团组织，请核对后换一个编号", organization_id="请使用新的编号"
    )


def _refuse_a_double_line(offers: tuple[msg.Offer, ...]) -> None:
    counted = Counter(offer.service_code for offer in offers)
    if double := sorted(code for code, times in counted.items() if times > 1):
        raise InvalidInput(
            "服务菜单中有重复的服务，请合并后再提交", offers=f"重复的服务编码：{'、'.join(double)}"
        )


def _refuse_a_service_without_a_place(offers: tuple[msg.Offer, ...]) -> None:
    if nowhere := sorted(offer.service_code for offer in offers if not offer.area_ids):
        raise InvalidInput(
            "每项服务都要写明服务区域，请补充后再提交",
            offers=f"缺少服务区域的服务编码：{'、'.join(nowhere)}",
        )


organization = Decider("organization", Organization(), decide, evolve, audience)
