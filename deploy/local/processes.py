"""Which processes make up the product, and how each is started."""

from pathlib import Path

from deploy.local.ports import Ports
from deploy.local.program import Program, python
from deploy.local.vault import caller_environment, vault_environment

SERVICES = ("requests", "dispatch", "grid", "ledger", "accounts", "timers", "vault")
RELAY = "relay"
HOSTS = {"accounts": ("accounts", "county"), "timers": ("timers", "notices")}
"""Services that share a process, under the first one's name: neither has much to do, and each
process of its own costs 50 MiB and more."""

GATEWAY = "gateway"
PROCESSES = (*SERVICES, RELAY, GATEWAY)


STANDS_BACK = {RELAY: 5, "grid": 10, "ledger": 10, "timers": 10}
"""How nice (nice(1)) a process is: when the machine is full, taking in what people do goes first,
and showing it comes in larger portions a moment later."""


def product_programs(
    folder: Path, ports: Ports, bind: str, gateway_port: int
) -> tuple[Program, ...]:
    """Every process of the product, each with its own health port and instance name.

    What they keep secret from each other lies in `folder`.
    """
    secrets, port = folder / "vault", ports.port("vault-http")
    told = {
        "vault": vault_environment(secrets, port),
        "timers": caller_environment(secrets, port, "notices"),
        GATEWAY: caller_environment(secrets, port, GATEWAY),
    }
    return (
        *(_program(name, _service(name), ports, **told.get(name, {})) for name in SERVICES),
        _program(RELAY, _nicely(RELAY, python("-m", "services.relay")), ports),
        _gateway(ports, bind, gateway_port, **told[GATEWAY]),
    )


def _service(name: str) -> tuple[str, ...]:
    return _nicely(name, python("-m", "services.run", *HOSTS.get(name, (name,))))


def _nicely(name: str, argv: tuple[str, ...]) -> tuple[str, ...]:
    back = STANDS_BACK.get(name)
    return argv if back is None else ("nice", "-n", str(back), *argv)


def _program(name: str, argv: tuple[str, ...], ports: Ports, **more: str) -> Program:
    environment = {"HEALTH_PORT": str(ports.port(name)), "INSTANCE": f"{name}-1", **more}
    return Program(name, argv, environment)


def _gateway(ports: Ports, bind: str, port: int, **more: str) -> Program:
    argv = python(
        *("-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "--bind", f"{bind}:{port}"),
        "--no-control-socket",  # it would lie in the home directory, one for all stacks
        "services.gateway.app:app",
    )
    return _program(GATEWAY, argv, ports, BIND=bind, PORT=str(port), **more)
