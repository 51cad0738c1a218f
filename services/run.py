"""Start one nameko service, or some in one process: `python -m services.run timers notices`."""

import warnings

with warnings.catch_warnings():
    # nameko stands on eventlet, which announces its retirement on every import
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet

    eventlet.monkey_patch()  # before anything else holds a socket, a lock or a thread

import argparse
import importlib
import signal
import sys
from types import ModuleType
from typing import Any

from nameko.containers import ServiceContainer

from shared import telemetry
from shared.adapters import health
from shared.long_lived import keep_what_is_there
from shared.settings import Settings

LONGEST_WAIT = 5.0
"""Seconds between two looks for MongoDB or RabbitMQ at the start, at most."""

LONGEST_STOP = 30.0
"""Seconds that running workers get to finish."""

asked_to_stop: list[int] = []


def main(arguments: list[str] | None = None) -> int:
    """Run until told to stop (0) or until the service broke (1)."""
    names = _parse(arguments)
    settings = Settings()
    telemetry.configure("+".join(names), settings.log_level, settings.instance)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: asked_to_stop.append(received))
    _open_health(settings)
    if not _dependencies_are_there():
        return 0
    return run([service_of(name) for name in names], settings)


def service_of(name: str) -> type:
    """The class of a folder of services/."""
    return service_class(importlib.import_module(f"services.{name}.service"), name)


def service_class(module: ModuleType, name: str) -> type:
    """The module's SERVICE, or its class `<Name>Service`."""
    found = getattr(module, "SERVICE", None) or getattr(module, f"{name.title()}Service", None)
    if not isinstance(found, type):
        raise SystemExit(f"{module.__name__} defines neither SERVICE nor {name.title()}Service")
    return found


def run(services: list[type], settings: Settings, max_workers: int = 64) -> int:
    """Keep the services' containers running until a signal comes or one dies of an error."""
    log = telemetry.get_logger()
    config = {
        "AMQP_URI": settings.amqp_uri,
        "max_workers": max_workers,
        "WEB_SERVER_ADDRESS": settings.vault_bind,  # only the vault listens
    }
    containers = [ServiceContainer(service, config) for service in services]
    for container in containers:
        container.start()
    keep_what_is_there()
    health.add_check("started", lambda: True)
    log.info("started", port=settings.health_port)
    lives = [eventlet.spawn(container.wait) for container in containers]
    for life in lives:
        life.link(lambda _: None)  # its error is asked for below
    while not asked_to_stop and not any(life.dead for life in lives):
        eventlet.sleep(0.2)
    if asked_to_stop:
        log.info("stopping", signal=signal.Signals(asked_to_stop[0]).name)
        return _stop(containers)
    try:
        next(life for life in lives if life.dead).wait()
    except Exception as error:
        log.error("died", **telemetry.blame(error))
    return 1


def _stop(containers: list[Any]) -> int:
    with eventlet.Timeout(LONGEST_STOP, False):
        stopping = eventlet.GreenPool()
        for container in containers:
            stopping.spawn(container.stop)
        stopping.waitall()
        telemetry.get_logger().info("stopped")
        return 0
    telemetry.get_logger().error("stopped", reason="workers did not finish")
    return 1


def _parse(arguments: list[str] | None) -> list[str]:
    parser = argparse.ArgumentParser(prog="python -m services.run", description=__doc__)
    parser.add_argument("services", nargs="+", help="folders of services/ that have a service.py")
    return list(parser.parse_args(arguments).services)


def _open_health(settings: Settings) -> None:
    health.add_check("mongodb", health.mongodb_check(settings.mongodb_uri))
    health.add_check("rabbitmq", health.rabbitmq_check(settings.amqp_uri))
    health.add_check("started", lambda: False)
    if settings.health_port:
        health.serve(settings.health_port, settings.health_bind)


def _dependencies_are_there() -> bool:
    """Wait for both, as long as it takes; False when told to stop meanwhile."""
    attempt = 0
    while not asked_to_stop:
        missing = [name for name in ("mongodb", "rabbitmq") if not health.readiness()[name]]
        if not missing:
            return True
        attempt += 1
        pause = min(LONGEST_WAIT, 0.25 * 2**attempt)
        telemetry.get_logger().warning(
            "waiting", dependency=" ".join(missing), attempt=attempt, retry_in=pause
        )
        _sleep(pause)
    return False


def _sleep(seconds: float) -> None:
    while seconds > 0 and not asked_to_stop:
        eventlet.sleep(min(0.2, seconds))
        seconds -= 0.2


if __name__ == "__main__":
    sys.exit(main())
