"""A private RabbitMQ: one node on the loopback with its own name server, cookie, user and data.

Debian's `rabbitmq-server` command is a wrapper that becomes the user `rabbitmq`; the script behind
it is started directly, so the node belongs to whoever started it and leaves the system's service
alone. Its name server (epmd) is private too: the usual one stays behind for ever and is shared
with strangers.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from kombu.connection import Connection
from kombu.exceptions import OperationalError

from deploy.local.program import Program
from deploy.local.secret_files import secret, write_private
from deploy.local.waiting import wait_until

SCRIPTS = Path("/usr/lib/rabbitmq/lib")
USER = "county"
NODE = "county@localhost"

CONFIGURATION = """\
listeners.tcp.1 = 127.0.0.1:{port}
# made instead of guest when the node starts for the first time
default_user = {user}
default_pass = {password}
log.file = false
log.console = true
log.console.level = warning
disk_free_limit.absolute = 200MB
raft.wal_max_size_bytes = 67108864
"""

SMALL_FOOTPRINT = "+S 2:2 +P 65536 +A 16"
ON_THE_LOOPBACK = "-noinput -kernel inet_dist_use_interface {127,0,0,1}"


class RabbitmqMissingError(Exception):
    """No RabbitMQ is installed where Debian and Ubuntu put it."""


@dataclass(frozen=True)
class RabbitmqPorts:
    """Where clients, other nodes and the name server connect."""

    amqp: int
    distribution: int
    names: int


def rabbitmq_uri(folder: Path, port: int) -> str:
    """The address for clients, with the node's own user."""
    return f"amqp://{USER}:{secret(folder / 'password')}@127.0.0.1:{port}/"


def rabbitmq_programs(folder: Path, ports: RabbitmqPorts) -> tuple[Program, Program]:
    """The name server and the node, with everything they write in `folder`."""
    _prepare(folder, ports.amqp)
    environment = _environment(folder, ports)
    names = Program(
        "epmd",
        ("epmd", "-address", "127.0.0.1", "-port", str(ports.names)),
        group="names",
    )
    node = Program("rabbitmq", (str(_script()),), environment, group="brokers", patience=60)
    return names, node


def wait_for_rabbitmq(uri: str, seconds: float = 90) -> None:
    """Wait until a client can sign in."""
    wait_until(lambda: _signs_in(uri), "RabbitMQ answering", seconds, pause=0.2)


def _signs_in(uri: str) -> bool:
    try:
        with Connection(uri, connect_timeout=2) as connection:
            connection.connect()
    except (OperationalError, OSError):
        return False
    return True


def _script() -> Path:
    scripts = sorted(SCRIPTS.glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    if not scripts:
        raise RabbitmqMissingError("install the package rabbitmq-server")
    return scripts[-1]


def _prepare(folder: Path, port: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    password = secret(folder / "password")
    secret(folder / ".erlang.cookie")
    write_private(
        folder / "rabbitmq.conf", CONFIGURATION.format(port=port, user=USER, password=password)
    )
    (folder / "enabled_plugins").write_text("[].\n")
    (folder / "rabbitmq-env.conf").write_text("# instead of the one in /etc\n")


def _environment(folder: Path, ports: RabbitmqPorts) -> Mapping[str, str]:
    return {
        "HOME": str(folder),  # where Erlang looks for the cookie
        "LC_ALL": "C.UTF-8",
        "ERL_EPMD_PORT": str(ports.names),
        "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_FLAGS": "-start_epmd false",
        "ERL_CRASH_DUMP": str(folder / "erl_crash.dump"),
        "RABBITMQ_NODENAME": NODE,
        "RABBITMQ_DIST_PORT": str(ports.distribution),
        "RABBITMQ_CONF_ENV_FILE": str(folder / "rabbitmq-env.conf"),
        "RABBITMQ_CONFIG_FILE": str(folder / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(folder / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(folder / "data"),
        "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_LOGS": "-",
        "RABBITMQ_ALLOW_INPUT": "1",  # the script becomes the node instead of watching over it
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"{SMALL_FOOTPRINT} {ON_THE_LOOPBACK}",
    }
