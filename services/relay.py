"""Send the county's events from the log to RabbitMQ: `python -m services.relay`.

Any number may run; the one that holds the lease works, the others stand by.
Environment: COUNTY, MONGODB_URI, AMQP_URI, HEALTH_PORT (/livez /readyz /metrics), INSTANCE.
"""

import argparse
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event as Signal

from shared import telemetry
from shared.adapters import health
from shared.adapters.amqp_publisher import AmqpPublisher
from shared.adapters.mongo import connect
from shared.adapters.mongo_checkpoints import MongoTrails
from shared.adapters.mongo_lease import MongoLease, owner_of
from shared.adapters.mongo_log import MongoLog
from shared.lease import Tenure
from shared.long_lived import keep_what_is_there
from shared.relay import Relay
from shared.settings import Settings


def main(arguments: list[str] | None = None) -> int:
    """Relay until SIGTERM or SIGINT; MongoDB or RabbitMQ being away is waited out."""
    asked = _parse(arguments)
    settings = Settings()
    telemetry.configure("relay", settings.log_level, settings.instance)
    stop = Signal()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    with open_relay(settings, asked.lease_seconds) as relay:
        health.add_check("relay", lambda: relay.is_well)
        if settings.health_port:
            health.serve(settings.health_port, settings.health_bind)
        keep_what_is_there()
        telemetry.get_logger().info("started", port=settings.health_port)
        relay.run(stop)
    telemetry.get_logger().info("stopped")
    return 0


@contextmanager
def open_relay(settings: Settings, lease_seconds: float) -> Iterator[Relay]:
    """The relay of a county, put together from the environment."""
    with connect(settings.mongodb_uri, "relay") as client:
        log = MongoLog(client, settings.database("log"), settings.command_deadline)
        database = client[settings.database("relay")]
        yield Relay(
            log=log,
            publisher=AmqpPublisher(settings.amqp_uri),
            trails=MongoTrails(database),
            tenure=Tenure(MongoLease(database, "relay"), owner_of(settings), lease_seconds),
            county=settings.county,
        )
        log.close()


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m services.relay",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--lease-seconds",
        type=float,
        default=5.0,
        help="after how long another relay takes over from one that died (default: 5)",
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
