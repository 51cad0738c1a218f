"""What a stack will consist of: addresses, ports and programs, before anything starts."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from deploy.local.mongodb import mongodb_program, mongodb_uri
from deploy.local.ports import Ports
from deploy.local.processes import GATEWAY, product_programs
from deploy.local.program import Program
from deploy.local.rabbitmq import RabbitmqPorts, rabbitmq_programs, rabbitmq_uri
from deploy.local.secret_files import write_private

USUAL_PORT = 8000
ANYWHERE = ("0.0.0.0", "::", "")


@dataclass(frozen=True)
class Wishes:
    """What the environment asks for."""

    county: str
    bind: str
    port: int | None
    mongodb_uri: str | None
    amqp_uri: str | None

    @classmethod
    def read(cls, environment: Mapping[str, str]) -> "Wishes":
        """From COUNTY, BIND, PORT, MONGODB_URI and AMQP_URI; empty means not set."""
        port = environment.get("PORT")
        return cls(
            county=environment.get("COUNTY") or "county",
            bind=environment.get("BIND") or "127.0.0.1",
            port=int(port) if port else None,
            mongodb_uri=environment.get("MONGODB_URI") or None,
            amqp_uri=environment.get("AMQP_URI") or None,
        )


@dataclass(frozen=True)
class Addresses:
    """Where a running stack is reached; kept in `folder`/stack.json while it runs."""

    county: str
    gateway_url: str
    mongodb_uri: str
    amqp_uri: str
    local_folder: str

    def environment(self) -> dict[str, str]:
        """For processes of the stack and for commands against it."""
        return {name.upper(): value for name, value in asdict(self).items()}

    def save(self) -> None:
        """Write stack.json, readable by its owner alone: it holds a password."""
        write_private(Path(self.local_folder) / "stack.json", json.dumps(asdict(self), indent=1))

    @classmethod
    def load(cls, folder: Path) -> "Addresses":
        """Read stack.json; FileNotFoundError when no stack serves."""
        return cls(**json.loads((folder / "stack.json").read_text()))


@dataclass(frozen=True)
class Plan:
    """What will run. A port is None when somebody else's MongoDB or RabbitMQ is used."""

    addresses: Addresses
    programs: tuple[Program, ...]
    mongodb_port: int | None


def plan_stack(folder: Path, wishes: Wishes) -> Plan:
    """Decide ports, addresses and programs; PortTakenError if PORT was asked for and is taken."""
    ports = Ports(folder)
    gateway_port = (
        ports.exactly(GATEWAY, wishes.port, wishes.bind)
        if wishes.port
        else ports.port(GATEWAY, USUAL_PORT)
    )
    brokers: list[Program] = []
    mongodb_port = None if wishes.mongodb_uri else ports.port("mongodb")
    if mongodb_port:
        brokers.append(mongodb_program(folder / "mongodb", mongodb_port))
    amqp_uri = wishes.amqp_uri or _plan_rabbitmq(folder, ports, brokers)
    host = "127.0.0.1" if wishes.bind in ANYWHERE else wishes.bind
    addresses = Addresses(
        county=wishes.county,
        gateway_url=f"http://{host}:{gateway_port}",
        mongodb_uri=wishes.mongodb_uri or mongodb_uri(mongodb_port or 0),
        amqp_uri=amqp_uri,
        local_folder=str(folder),
    )
    product = product_programs(folder, ports, wishes.bind, gateway_port)
    return Plan(addresses, (*brokers, *product), mongodb_port)


def _plan_rabbitmq(folder: Path, ports: Ports, brokers: list[Program]) -> str:
    chosen = RabbitmqPorts(
        amqp=ports.port("amqp"),
        distribution=ports.port("distribution"),
        names=ports.port("epmd"),
    )
    brokers.extend(rabbitmq_programs(folder / "rabbitmq", chosen))
    return rabbitmq_uri(folder / "rabbitmq", chosen.amqp)
