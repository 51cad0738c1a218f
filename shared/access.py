"""Who may do and see what: one table of roles, one rule of scope, asked in every service.

A thing carries an audience, a tuple of tags: `area:<id>` for every area on its grid's path,
`org:<id>` for every organisation that was given it, `account:<id>` for staff it was assigned to.
An actor holds tags too: the areas or the organisation it works for, and its own account; a resident
nothing but `request:<id>`. Whoever shares a tag may see the thing; the role says what may be done.
"""

from collections.abc import Mapping

from shared.contracts.actor import Actor, Role
from shared.rejection import NotFound, NotYours

SEES_THE_COUNTY: frozenset[Role] = frozenset(
    {"center_dispatcher", "leader", "return_visit_caller", "system"}
)

SEES_FIGURES: frozenset[Role] = SEES_THE_COUNTY | {
    "grid_worker",
    "desk_clerk",
    "organization_dispatcher",
}
"""Whoever answers for an area, an organisation or the county; within `scope_of`, as always."""

_DESK: frozenset[Role] = frozenset({"desk_clerk", "center_dispatcher"})
_ASKER: frozenset[Role] = frozenset({"grid_worker"})
_ORGANIZATION: frozenset[Role] = frozenset({"organization_dispatcher"})
_DOERS: frozenset[Role] = frozenset({"organization_dispatcher", "service_staff"})
_CENTER: frozenset[Role] = frozenset({"center_dispatcher"})
_POLICY: frozenset[Role] = frozenset({"system"})
_READERS: frozenset[Role] = _ASKER | _DESK | _DOERS | frozenset({"leader", "return_visit_caller"})
_SET_UP: frozenset[Role] = frozenset({"administrator", "system"})
_SECURITY: frozenset[Role] = frozenset({"security_administrator", "system"})

SEPARATED: frozenset[Role] = frozenset({"administrator", "security_administrator", "auditor"})
"""三员分立 (GB/T 22239): who sets the system up, who gives out rights, who looks at both."""

NEEDS_SECOND_FACTOR: frozenset[Role] = SEPARATED | {"center_dispatcher", "leader"}
"""Who sees or rules the whole county signs in with a code as well. No setting takes it back."""

SEES_ACCOUNTS: frozenset[Role] = _SECURITY | {"auditor"}
READS_THE_ACCESS_LOG: frozenset[Role] = frozenset({"auditor"})

MAY: Mapping[str, frozenset[Role]] = {
    "PlaceRequest": _ASKER | _DESK,
    "AcceptRequest": _DESK,
    "SendBackRequest": _DESK,
    "ResubmitRequest": _ASKER | _DESK,
    "DeclineRequest": _DESK,
    "WithdrawRequest": _ASKER | _DESK,
    "ExpediteRequest": _ASKER | _DESK,
    "RateService": _ASKER | _DESK | {"resident"},
    "CloseRequest": _DESK | _POLICY,
    "MergeRequest": _DESK,
    "UnmergeRequest": _DESK | _POLICY,
    "RecordJoining": _POLICY,
    "RecordLeaving": _POLICY,
    "RecordMainCompletion": _POLICY,
    "ReopenRequest": _ASKER | _DESK,
    "AssignReturnVisit": _POLICY,
    "RecordReturnVisit": frozenset({"return_visit_caller"}),
    "RevealContact": _ASKER | _DESK | _DOERS | {"return_visit_caller"},
    "AddAttachment": _ASKER | _DESK | _DOERS | {"return_visit_caller"},
    "RemoveAttachment": _ASKER | _DESK | _DOERS | {"return_visit_caller"},
    "RecordDispatch": _POLICY,
    "RecordAcceptance": _POLICY,
    "RecordAssignment": _POLICY,
    "RecordReturn": _POLICY,
    "RecordExcuse": _POLICY,
    "RecordLeadChange": _POLICY,
    "CompleteRequest": _POLICY,
    "DispatchWorkOrder": _DESK | _POLICY,
    "LeaveToCenter": _POLICY,
    "AcceptWorkOrder": _ORGANIZATION,
    "ReturnWorkOrder": _ORGANIZATION,
    "AssignStaff": _ORGANIZATION,
    "RecordFirstContact": _DOERS,
    "RecordProgress": _DOERS,
    "CompleteWorkOrder": _DOERS,
    "CancelWorkOrders": _POLICY,
    "AskForHelp": _ORGANIZATION,
    "RuleOnReturn": _CENTER,
    "ChangeLead": _CENTER,
    "ExcuseWorkOrder": _CENTER,
    "AskExtension": _ORGANIZATION,
    "GrantExtension": _CENTER,
    "RefuseExtension": _CENTER,
    "AskHold": _ORGANIZATION,
    "GrantHold": _CENTER,
    "RefuseHold": _CENTER,
    "ResumeWork": _ORGANIZATION | _CENTER | _POLICY,
    "OrderSupervision": _CENTER | _POLICY | {"leader"},
    "AnswerSupervision": _ORGANIZATION,
    "RaiseAlarm": _POLICY,
    "RecomputeDeadlines": _POLICY,
    "RegisterOrganization": _SET_UP,
    "RenameOrganization": _SET_UP,
    "SetServiceMenu": _SET_UP | _ORGANIZATION,
    "RegisterArea": _SET_UP,
    "RemoveArea": _SET_UP,
    "RenameArea": _SET_UP,
    "AssignGridWorker": _SET_UP,
    "RelieveGridWorker": _SET_UP,
    "AdoptRules": _SET_UP,
    "MarkNoticesRead": _READERS,
    "OpenAccount": _SECURITY,
    "ChangeScope": _SECURITY,
    "DisableAccount": _SECURITY,
    "ResetSignIn": _SECURITY,
    "IssueToken": _SECURITY,
    "RevokeToken": _SECURITY,
}
"""Every command and the roles that may give it (domain.md, People and what they may do)."""

_BEYOND_SCOPE = _SET_UP | _SECURITY
"""What they do is about posts, areas and organisations, which carry no tag of theirs."""


def scope_of(actor: Actor) -> tuple[str, ...] | None:
    """The tags this actor shares with what it may see; None means the whole county.

    Administrators and auditors hold no tag at all: they see no case.
    """
    if actor.role in SEES_THE_COUNTY:
        return None
    if actor.role == "resident":
        return (f"request:{actor.request_id}",)
    own = (f"account:{actor.account_id}",) if actor.role in _READERS else ()
    if actor.role == "organization_dispatcher":
        return (f"org:{actor.organization_id}", *own)
    return (*(f"area:{area}" for area in actor.area_ids), *own)


def sees(actor: Actor, audience: tuple[str, ...]) -> bool:
    """Whether the actor's scope touches the audience of a thing."""
    scope = scope_of(actor)
    return scope is None or not set(scope).isdisjoint(audience)


def may(actor: Actor, action: str, audience: tuple[str, ...]) -> bool:
    """Whether this role may do `action` (a command's name) to a thing with this audience."""
    if actor.role not in MAY.get(action, frozenset()):
        return False
    return actor.role in _BEYOND_SCOPE or sees(actor, audience)


def require(actor: Actor, action: str, audience: tuple[str, ...]) -> None:
    """Raise NotFound for a thing out of sight, NotYours when only the action is not allowed."""
    if may(actor, action, audience):
        return
    if actor.role not in _BEYOND_SCOPE and not sees(actor, audience):
        raise NotFound("没有找到这件事项,或者它不在您的工作范围内")
    raise NotYours("您的岗位不能进行这项操作,请联系有权限的同事")
