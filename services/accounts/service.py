"""账号: decides who may sign in, with which role and scope. It never sees a password."""

from typing import Any

from services.accounts.domain.account import Account, account, actor_of
from services.accounts.domain.views import accounts
from shared.access import SEES_ACCOUNTS
from shared.adapters.nameko_dependencies import Log, Rows
from shared.adapters.nameko_projection import projection
from shared.adapters.nameko_rpc import rpc
from shared.contracts.accounts import AccountCommand
from shared.contracts.actor import Actor
from shared.event_log import Recorded
from shared.handling import from_wire, handle
from shared.rejection import NotFound, NotYours
from shared.serving import answer
from shared.views import rebuild


class AccountsService:
    name = "accounts"

    log = Log()
    opened = Rows(accounts, "accounts")

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        asked = from_wire(**message)
        command: AccountCommand = asked.command  # type: ignore[assignment]  # routed by context
        return answer(handle(self.log, account, command.account_id, asked, None))

    @rpc
    def known(self, by: dict[str, Any], account_ids: list[str]) -> list[dict[str, Any]]:
        """Those of these accounts that were ever opened, and whether they are disabled."""
        _require_sight(by)
        states = (self._account(id) for id in account_ids)
        return [
            {**state.actor.model_dump(mode="json"), "is_disabled": state.is_disabled}
            for state in states
            if state.actor
        ]

    @rpc
    def actor(self, account_id: str) -> dict[str, Any]:
        """Whom the gateway may vouch for under this name. Raises NotFound."""
        known = actor_of(self._account(account_id))
        if known is None:
            raise NotFound("没有这个账号，或它已经停用")
        return known.model_dump(mode="json")

    @rpc
    def all(self, by: dict[str, Any]) -> list[dict[str, Any]]:
        """Every account, by name: a county has some hundreds."""
        _require_sight(by)
        rows = sorted(self.opened.all().values(), key=lambda row: row.account_id)
        return [row.model_dump(mode="json") for row in rows]

    @rpc
    def one(self, by: dict[str, Any], account_id: str) -> dict[str, Any]:
        """One account with its tokens, as its own stream tells, so a change is seen at once."""
        _require_sight(by)
        history = self.log.read_stream(f"{account.category}-{account_id}")
        row = rebuild(accounts, history).get(account_id)
        if row is None:
            raise NotFound("没有找到这个账号，请核对账号名")
        told: dict[str, Any] = row.model_dump(mode="json")
        return told

    @projection(accounts, "accounts")
    def fold_accounts(self, facts: list[Recorded]) -> None:
        self.opened.fold(facts)

    def _account(self, account_id: str) -> Account:
        history = self.log.read_stream(f"{account.category}-{account_id}")
        return account.replay(fact.event for fact in history)


def _require_sight(by: dict[str, Any]) -> None:
    if Actor.model_validate(by).role not in SEES_ACCOUNTS:
        raise NotYours("您的岗位不能查看账号，请联系安全管理员")
