"""What a running system knows of its county, asked of its services."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel

from deploy.county.difference import Standing
from deploy.county.entries import AccountEntry, AreaEntry, CountyFiles, OrganizationEntry
from shared.contracts.county import Rules
from shared.rejection import NotFound

AT_ONCE = 200

Ask = Callable[..., Awaitable[Any]]
"""`await ask(service, method, **question)`."""

M = TypeVar("M", bound=BaseModel)


async def standing(ask: Ask, county: CountyFiles) -> Standing:
    """Areas and organisations as views tell them, accounts and rules as decided.

    Raises Unavailable.
    """
    areas, organizations, rules, of_that_name, accounts = await asyncio.gather(
        ask("grid", "areas"),
        ask("dispatch", "organizations"),
        ask("county", "rules"),
        _rules_called(ask, county.rules.version),
        _accounts(ask, [one.account_id for one in county.accounts]),
    )
    return Standing(
        areas={row["area_id"]: _entry(AreaEntry, row) for row in areas},
        workers={row["area_id"]: frozenset(row["workers"]) for row in areas},
        organizations={
            row["organization_id"]: _entry(OrganizationEntry, row) for row in organizations
        },
        accounts={one["account_id"]: _entry(AccountEntry, one) for one in accounts},
        disabled=frozenset(one["account_id"] for one in accounts if one["is_disabled"]),
        rules=Rules.model_validate(rules, strict=False),
        rules_of_that_name=of_that_name,
    )


async def _rules_called(ask: Ask, version: str) -> Rules | None:
    try:
        return Rules.model_validate(await ask("county", "rules", version=version), strict=False)
    except NotFound:
        return None


async def _accounts(ask: Ask, ids: Sequence[str]) -> list[dict[str, Any]]:
    parts = [ids[at : at + AT_ONCE] for at in range(0, len(ids), AT_ONCE)]
    told = await asyncio.gather(*(ask("accounts", "known", account_ids=part) for part in parts))
    return [account for part in told for account in part]


def _entry(kind: type[M], row: Mapping[str, Any]) -> M:
    """The row as the files would have it: a view may know more."""
    said = {name: row[name] for name in kind.model_fields if name in row}
    return kind.model_validate(said, strict=False)
