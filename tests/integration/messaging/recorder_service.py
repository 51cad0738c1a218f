"""A nameko service that writes down what its subscription is given; tests run it as a process."""

import signal
import sys

from services import run
from shared import telemetry
from shared.adapters.nameko_dependencies import process_client
from shared.adapters.nameko_subscription import subscription
from shared.contracts.requests import RequestClosed, RequestDispatched
from shared.event_log import Recorded
from shared.lanes import Patience
from shared.serving import by_stream
from shared.settings import Settings

SETTINGS = Settings()
NAME = f"s{SETTINGS.county}"


class RecorderService:
    """Refuses closed requests, and writes down everything else."""

    name = NAME

    @subscription(
        "policy",
        types=(RequestDispatched, RequestClosed),
        database=NAME,
        lane=by_stream,
        patience=Patience(tries=2, first_pause=0.01, longest_pause=0.02, poll=0.3),
    )
    def record(self, facts: list[Recorded]) -> None:
        if any(isinstance(fact.event, RequestClosed) for fact in facts):
            raise KeyError("refused")
        seen = process_client(SETTINGS)[SETTINGS.database(NAME)]["seen"]
        seen.insert_many([{"position": f.position, "stream": f.commit.stream} for f in facts])


if __name__ == "__main__":
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: run.asked_to_stop.append(received))
    telemetry.configure(NAME)
    sys.exit(run.run([RecorderService], SETTINGS))
