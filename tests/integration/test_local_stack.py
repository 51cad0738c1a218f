"""The local stack, seen from outside: what dies comes back, what stops leaves nothing behind."""

import contextlib
import socket
import stat
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from amqp.exceptions import AccessRefused
from kombu.connection import Connection
from pymongo import MongoClient

from deploy.local.leftovers import AlreadyRunningError, sole_user
from deploy.local.plan import Addresses, Wishes, plan_stack
from deploy.local.ports import Ports, PortTakenError, free_port
from deploy.local.private import Stack, private_mongodb, private_rabbitmq
from deploy.local.processes import PROCESSES
from deploy.local.program import MARK, ROOT, python
from deploy.local.reset import reset
from deploy.local.supervision import configuration


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, as sockets need."""
    with tempfile.TemporaryDirectory(prefix="county-") as path:
        yield Path(path)


def processes_of(folder: Path) -> list[str]:
    """Command lines of all living processes of a folder's stack."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if f"{MARK}={folder}".encode() in (entry / "environ").read_bytes().split(b"\0"):
                found.append((entry / "cmdline").read_text())
    return found


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_mongodb_keeps_what_was_acknowledged_over_kill_9():
    with private_mongodb() as mongodb:
        with MongoClient[dict[str, Any]](mongodb.uri, w="majority", journal=True) as client:
            client.test.things.insert_one({"_id": 1})
        before = mongodb.pid
        mongodb.kill()
        mongodb.start()
        assert mongodb.pid != before
        with MongoClient[dict[str, Any]](mongodb.uri) as client:
            assert client.test.things.count_documents({}) == 1
    assert processes_of(mongodb.folder) == []
    assert not mongodb.folder.exists()


def test_mongodb_moves_to_another_port_with_its_data():
    with private_mongodb() as mongodb:
        with MongoClient[dict[str, Any]](mongodb.uri, w="majority") as client:
            client.test.things.insert_one({"_id": 1})
        mongodb.stop()
        mongodb.port = free_port()
        mongodb.start()
        with MongoClient[dict[str, Any]](mongodb.uri, w="majority") as client:
            assert client.test.things.count_documents({}) == 1


def test_rabbitmq_keeps_durable_messages_over_kill_9():
    with private_rabbitmq() as rabbitmq:
        confirmed = {"confirm_publish": True}
        with Connection(rabbitmq.uri, transport_options=confirmed) as connection:
            queue = connection.SimpleQueue("kept")
            queue.put({"number": 1})
            queue.close()
        before = rabbitmq.pid
        rabbitmq.kill()
        rabbitmq.start()
        assert rabbitmq.pid != before
        with Connection(rabbitmq.uri) as connection:
            queue = connection.SimpleQueue("kept")
            assert queue.get(timeout=10).payload == {"number": 1}
            queue.close()
        for name in ("password", ".erlang.cookie", "rabbitmq.conf"):
            assert mode(rabbitmq.folder / name) == 0o600
    assert processes_of(rabbitmq.folder) == []


def test_rabbitmq_has_no_guest():
    with private_rabbitmq() as rabbitmq:
        guest = Connection(f"amqp://guest:guest@127.0.0.1:{rabbitmq.ports.amqp}/")
        with pytest.raises(AccessRefused), guest:
            guest.connect()


def test_ports_stay_until_somebody_else_has_them(folder):
    first = Ports(folder).port("amqp")
    assert Ports(folder).port("amqp") == first
    with socket_on(first):
        assert Ports(folder).port("amqp") != first


def test_a_port_that_was_asked_for_is_never_swapped(folder):
    taken = free_port()
    with socket_on(taken), pytest.raises(PortTakenError, match=str(taken)):
        plan_stack(folder, Wishes.read({"PORT": str(taken)}))


def test_servers_of_somebody_else_are_used_instead_of_private_ones(folder):
    theirs = {"MONGODB_URI": "mongodb://db/?replicaSet=x", "AMQP_URI": "amqp://broker/"}
    plan = plan_stack(folder, Wishes.read(theirs))
    assert [program.name for program in plan.programs] == list(PROCESSES)
    assert plan.addresses.mongodb_uri == theirs["MONGODB_URI"]
    assert plan.addresses.amqp_uri == theirs["AMQP_URI"]


def test_no_secret_stands_in_the_supervisors_configuration(folder):
    plan = plan_stack(folder, Wishes.read({}))
    password = (folder / "rabbitmq/password").read_text()
    assert password in plan.addresses.amqp_uri
    assert password not in configuration(folder, plan.programs)


def test_reset_refuses_while_it_runs_and_keeps_downloads(folder):
    (folder / "mongodb").mkdir()
    (folder / "mongodb-server").mkdir()
    with sole_user(folder), pytest.raises(AlreadyRunningError):
        reset(folder)
    reset(folder)
    assert sorted(entry.name for entry in folder.iterdir()) == ["lock", "mongodb-server"]


def test_every_command_explains_itself():
    for module in ("stack", "test", "reset", "within", "lock", "private", "mongodb_server"):
        command = python("-m", f"deploy.local.{module}", "--help")
        subprocess.run(command, cwd=ROOT, check=True, capture_output=True)


def test_what_dies_comes_back_and_what_stops_leaves_nothing(folder):
    with Stack(folder, county="mended") as stack:
        assert set(PROCESSES) < set(stack.processes())
        second = subprocess.run(
            python("-m", "deploy.local.stack", "--folder", str(folder)),
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert second.returncode == 1
        assert second.stdout == f"already running: {stack.gateway_url}\n"

        for name in ("ledger", "relay"):
            process = stack.process(name)
            process.wait_restarted(process.kill())

        kept = Addresses.load(folder)
        stack.kill()  # the foreground process: nobody is left to stop the others in order
        stack.start()
        assert Addresses.load(folder) == kept
        with urllib.request.urlopen(f"{stack.gateway_url}/readyz") as answer:
            assert answer.status == 200
        assert mode(folder / "stack.json") == 0o600
    assert processes_of(folder) == []
    assert not (folder / "stack.json").exists()


@contextlib.contextmanager
def socket_on(port: int) -> Iterator[None]:
    with socket.create_server(("127.0.0.1", port)):
        yield
