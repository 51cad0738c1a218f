"""账号: decides who may sign in, with which role and scope. It never sees a password."""

from typing import Any

from services.accounts.domain.account import account, actor_of
from shared.adapters.nameko_dependencies import Log
from shared.adapters.nameko_rpc import rpc
from shared.contracts.accounts import AccountCommand
from shared.handling import from_wire, handle
from shared.rejection import NotFound
from shared.serving import answer


class AccountsService:
    name = "accounts"

    log = Log()

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        asked = from_wire(**message)
        command: AccountCommand = asked.command  # type: ignore[assignment]  # routed by context
        return answer(handle(self.log, account, command.account_id, asked, None))

    @rpc
    def actor(self, account_id: str) -> dict[str, Any]:
        """Whom the gateway may vouch for under this name. Raises NotFound."""
        history = self.log.read_stream(f"{account.category}-{account_id}")
        known = actor_of(account.replay(fact.event for fact in history))
        if known is None:
            raise NotFound("没有这个账号，或它已经停用")
        return known.model_dump(mode="json")
