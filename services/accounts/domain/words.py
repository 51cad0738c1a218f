"""What messages about accounts have in common."""

from shared.contracts import accounts as msg
from shared.contracts.actor import Actor

Wished = msg.OpenAccount | msg.ChangeScope
Scoped = Wished | msg.AccountOpened | msg.ScopeChanged


def actor_in(message: Scoped) -> Actor:
    """Whom the account signs in as, by what was wished or said."""
    return Actor(
        account_id=message.account_id,
        role=message.role,
        organization_id=message.organization_id,
        area_ids=message.area_ids,
    )
