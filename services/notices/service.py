"""通知: tells people and organisations what happened that concerns them."""

import secrets
import time
from datetime import UTC, datetime
from typing import Any

from services.notices.domain import letters
from services.notices.domain.cases import CaseRow, cases, tracked
from services.notices.domain.inbox import MOST_COUNTED, SHOWN, entry, unread, wanted
from services.notices.domain.notices import addresses_of
from services.notices.domain.rating import RatingLink, link_by, link_for, standing
from services.notices.domain.reader import ReadMark, notice_reader, read_marks
from shared.adapters.mongo_secret_links import SecretLinks, hash_of
from shared.adapters.nameko_deliveries import deliveries
from shared.adapters.nameko_dependencies import Kept, Log, Phones, Progress, Rows
from shared.adapters.nameko_projection import projection
from shared.adapters.nameko_rpc import rpc
from shared.contracts.actor import Actor
from shared.contracts.requests import MainRequestCompleted, RequestPlaced
from shared.deliveries import Endpoint, Letter
from shared.event_log import Recorded
from shared.handling import from_wire, handle
from shared.rejection import NotFound, Unavailable
from shared.serving import answer
from shared.settings import Settings

PATIENCE_SECONDS = 4.0


class NoticesService:
    name = "notices"

    log = Log()
    known = Rows(cases, "notices")
    marks = Rows(read_marks, "notices")
    links = Kept(SecretLinks, "notices")
    vault = Phones()
    progress = Progress("notices")
    settings = Settings()

    @rpc
    def handle(self, **message: Any) -> dict[str, Any]:
        asked = from_wire(**message)
        reader = asked.command.by.account_id
        return answer(handle(self.log, notice_reader, reader, asked, self.log.head()))

    @rpc
    def inbox(
        self,
        by: dict[str, Any],
        since: str,
        size: int,
        before: int | None = None,
        at_least: int = 0,
    ) -> dict[str, Any]:
        """The newest notices of a reader (before a position), and how many are unread at all."""
        actor, since_at = Actor.model_validate(by), datetime.fromisoformat(since)
        if at_least:
            self.marks.wait_for(actor.account_id, at_least, PATIENCE_SECONDS)
        mark, position = self._mark(actor), self.progress.of(cases)
        asked = wanted(addresses_of(actor), since_at, before)
        found = self.known.elements("notices", asked, newest_by="position", limit=size, keep=SHOWN)
        rows = [entry(one, mark) for one in found]
        return {
            "rows": rows,
            "unread": self._unread(actor, since_at, mark),
            "position": position,
            "next_before": rows[-1]["position"] if len(rows) == size else None,
        }

    @rpc
    def unread(self, by: dict[str, Any], since: str) -> dict[str, Any]:
        """How many notices wait for this reader (at most MOST_COUNTED), as of which position."""
        actor, position = Actor.model_validate(by), self.progress.of(cases)
        counted = self._unread(actor, datetime.fromisoformat(since), self._mark(actor))
        return {"unread": counted, "position": position}

    @rpc
    def tracked(self, by: dict[str, Any], case_number: str) -> dict[str, Any] | None:  # noqa: ARG002 - whoever knows the number; the gateway compares the phone
        """Where a case stands, by the number that people quote; None when there is none."""
        found = self.known.find({"case_number": case_number}, limit=1)
        return tracked(found[0]) if found else None

    @rpc
    def keep_rating_link(
        self, by: dict[str, Any], request_id: str, token_hash: str, at: str
    ) -> dict[str, Any]:
        """Keep what a new link stands for. Raises NotFound, NotYours, NotAllowedNow."""
        self._catch_up()
        case: CaseRow | None = self.known.get(request_id)
        if case is None:
            raise NotFound("没有找到这件事项，或者它不在您的工作范围内")
        link = link_by(Actor.model_validate(by), case, datetime.fromisoformat(at))
        self._keep(token_hash, link)
        return {"expires_at": link.expires_at}

    @rpc
    def rating_link(self, by: dict[str, Any], token_hash: str, at: str) -> dict[str, Any] | None:  # noqa: ARG002 - whoever holds the link
        """What a link stands for, and whether it can still be used; None when unknown."""
        kept = self.links.find(token_hash)
        if kept:
            self._catch_up()  # whoever comes back at once after rating sees that it is done
        case: CaseRow | None = self.known.get(kept["request_id"]) if kept else None
        if kept is None or case is None:
            return None
        return {
            "request_id": case.request_id,
            "round": kept["round"],
            "case_number": case.case_number,
            "standing": standing(RatingLink(**kept), case, datetime.fromisoformat(at)),
        }

    @projection(cases, "notices")
    def fold_cases(self, facts: list[Recorded]) -> None:
        self.known.fold(facts)

    @projection(read_marks, "notices")
    def fold_marks(self, facts: list[Recorded]) -> None:
        self.marks.fold(facts)

    @deliveries("notices")
    def letter(self, endpoint: Endpoint, fact: Recorded) -> Letter | None:
        """What an endpoint is sent for a fact; None when there is nothing to send."""
        if endpoint.kind == "webhook":
            return letters.webhook(fact, self.settings.county)
        request_id: str = getattr(fact.event, "request_id", "")
        if not self.known.wait_for(request_id, fact.position, PATIENCE_SECONDS):
            raise Unavailable("事项视图还没有跟上，稍后重试")
        case: CaseRow | None = self.known.get(request_id)
        return self._text(fact, case) if case and letters.is_texted(fact.event, case) else None

    def _text(self, fact: Recorded, case: CaseRow) -> Letter | None:
        """The phone is read at the last moment and kept nowhere."""
        phone = self.vault.phone(case.particulars_id, fact.position)
        if phone is None or not letters.can_get_texts(phone):
            return None
        if isinstance(fact.event, RequestPlaced):
            return letters.received(case, phone, self.settings.public_url)
        if isinstance(fact.event, MainRequestCompleted):
            return letters.done_with_others(case, phone, self.settings.public_url)
        token, link = secrets.token_urlsafe(16), link_for(case, datetime.now(UTC))
        self._keep(hash_of(token), link)
        address = f"{self.settings.public_url}/rate/{token}"
        return letters.please_rate(case, phone, address, link.expires_at)

    def _keep(self, token_hash: str, link: RatingLink) -> None:
        stands_for = {"request_id": link.request_id, "round": link.round}
        self.links.keep(token_hash, stands_for, link.expires_at)

    def _catch_up(self) -> None:
        """Until the view knows what the asker may have seen elsewhere, if that comes soon."""
        head, until = self.log.head(), time.monotonic() + PATIENCE_SECONDS
        while self.progress.of(cases) < head and time.monotonic() < until:
            time.sleep(0.05)

    def _mark(self, actor: Actor) -> ReadMark:
        mark: ReadMark | None = self.marks.get(actor.account_id)
        return mark or ReadMark(account_id=actor.account_id)

    def _unread(self, actor: Actor, since: datetime, mark: ReadMark) -> int:
        asked = unread(addresses_of(actor), since, mark)
        counted: int = self.known.count_elements("notices", asked, MOST_COUNTED)
        return counted
