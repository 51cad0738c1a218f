"""保险库: keeps what is about a person, shows it masked, and in clear against a recorded look.

Its callers come over HTTP, as what is said here must never lie in a queue.
"""

import hmac
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from nameko.timer import timer

from services.vault.domain.looks import refuse_unrecorded, refuse_unrelated
from services.vault.turning import Progress, Turning
from shared.adapters.mongo_vault import FILE, PARTICULARS, Found, Wanted
from shared.adapters.nameko_dependencies import Log, Vault
from shared.adapters.nameko_private import private
from shared.adapters.nameko_subscription import subscription
from shared.contracts.requests import AttachmentRemoved
from shared.event_log import Recorded
from shared.personal import masked_fields
from shared.rejection import InvalidInput, NotFound, Unavailable
from shared.serving import by_stream

MOST_AT_ONCE = 1000
LOOKS_EVERY = 2
ERASED = "服务对象的资料已按规定删除"
NOBODYS = "----"
"""No phone ends so; compared when there is none, to take as long."""


class VaultService:
    name = "vault"

    log = Log()
    store = Vault()

    @private("gateway")
    def keep(self, records: list[dict[str, Any]]) -> list[str]:
        """For each record whether it is "new", the "same" as was there, or "other" than that."""
        _refuse_too_many(records)
        return [*self.store.keep([Wanted(**one) for one in records])]

    @private("gateway")
    def masked(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        """What exists, as everybody who may see the case may see it."""
        _refuse_too_many(ids)
        return {id: _masked(found) for id, found in self.store.read(ids).items()}

    @private("gateway")
    def clear(self, id: str, position: int) -> dict[str, Any]:
        """One record in clear, for a look that the log has at `position`, a moment ago."""
        found = self._found(id)
        refuse_unrecorded(self._fact(position), found.case, datetime.now(UTC))
        return found.fields

    @private("gateway")
    def ends_with(self, id: str, tail: str) -> bool:
        """Whether the phone ends so; the same steps for a record that is not there."""
        found = self.store.read([id]).get(id)
        phone = found.fields["phone"] if found and found.kind == PARTICULARS else NOBODYS
        return hmac.compare_digest(str(phone)[-4:].encode(), tail.encode())

    @private("notices")
    def phone(self, id: str, position: int) -> str | None:
        """Where to send a text about the fact at `position`; None when there is nobody."""
        found = self.store.read([id]).get(id)
        if found is None or found.kind != PARTICULARS:
            return None
        refuse_unrelated(self._fact(position), found.case)
        return str(found.fields["phone"])

    @private("gateway")
    def keep_file(self, id: str, case: str, fields: dict[str, Any], content: bytes) -> str:
        """A cleaned photo or document of a case: "new", the "same" as was there, or "other"."""
        kept: str = self.store.keep_file(Wanted(id, FILE, case, fields), content)
        return kept

    @private("gateway")
    def file(self, id: str) -> bytes:
        """A file's content. The gateway has seen to it that the asker may see the case."""
        content: bytes | None = self.store.file(id)
        if content is None:
            raise NotFound(ERASED)
        return content

    @subscription("removed", types=(AttachmentRemoved,), database="vault", lane=by_stream)
    def erase_removed(self, facts: list[Recorded]) -> None:
        """What was taken away from a case is not kept here either."""
        events = (fact.event for fact in facts)
        self.store.forget([e.attachment_id for e in events if isinstance(e, AttachmentRemoved)])

    @private("gateway")
    def forget(self, ids: list[str]) -> None:
        """Take back records whose command was refused."""
        _refuse_too_many(ids)
        self.store.forget(ids)

    @private("gateway")
    def imports_key(self) -> str:
        """What fingerprints of imported rows are made with (hexadecimal)."""
        key: bytes = self.store.key_for("imports")
        return key.hex()

    @private("operator")
    def rotate(self) -> Progress:
        """Begin a new epoch; the old ones' keys are destroyed when nothing needs them."""
        return Turning(self.store).begin()

    @private("operator")
    def rotation(self) -> Progress:
        return Turning(self.store).progress()

    @timer(interval=LOOKS_EVERY)  # type: ignore[untyped-decorator]  # nameko has no types
    def turn(self) -> None:
        """Whatever turning of the epoch is on its way goes on."""
        with suppress(Unavailable):
            while Turning(self.store).go_on():
                pass

    def _found(self, id: str) -> Found:
        found: Found | None = self.store.read([id]).get(id)
        if found is None:
            raise NotFound(ERASED)
        return found

    def _fact(self, position: int) -> Recorded | None:
        page = self.log.read_after(position - 1, 1)
        return next((fact for fact in page.facts if fact.position == position), None)


def _masked(found: Found) -> dict[str, Any]:
    return {"kind": found.kind, "fields": masked_fields(found.kind, found.fields)}


def _refuse_too_many(asked: list[Any]) -> None:
    if len(asked) > MOST_AT_ONCE:
        raise InvalidInput(f"一次最多 {MOST_AT_ONCE} 条")
