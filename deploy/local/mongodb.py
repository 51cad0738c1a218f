"""A private MongoDB: a replica set of one on the loopback, data in one folder."""

from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.mongodb_server import find_mongodb_server
from deploy.local.program import Program
from deploy.local.waiting import wait_until

REPLICA_SET = "rs0"
NOT_YET_INITIALIZED = 94


def mongodb_uri(port: int) -> str:
    """The address for clients."""
    return f"mongodb://127.0.0.1:{port}/?replicaSet={REPLICA_SET}"


def mongodb_program(folder: Path, port: int) -> Program:
    """mongod with its data in `folder`. Journal and crash recovery are its own defaults."""
    server = find_mongodb_server()
    folder.mkdir(parents=True, exist_ok=True)
    argv = (
        *(server.binary, "--dbpath", str(folder), "--replSet", REPLICA_SET),
        *("--bind_ip", "127.0.0.1", "--port", str(port), "--nounixsocket"),
        *("--wiredTigerCacheSizeGB", "0.25", "--oplogSize", "512"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
    )
    return Program("mongodb", argv, server.environment(), group="brokers", patience=60)


def make_mongodb_ready(port: int, seconds: float = 60) -> None:
    """Wait for mongod, make it a replica set of one if it is none, and wait for its primary."""
    with MongoClient[dict[str, Any]](
        "127.0.0.1", port, directConnection=True, serverSelectionTimeoutMS=500
    ) as client:
        wait_until(lambda: _answers(client), "mongod answering", seconds)
        _settle_membership(client, f"127.0.0.1:{port}")
        wait_until(lambda: _is_primary(client), "mongod being primary", seconds)


def _answers(client: MongoClient[dict[str, Any]]) -> bool:
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    return True


def _is_primary(client: MongoClient[dict[str, Any]]) -> bool:
    return bool(client.admin.command("hello").get("isWritablePrimary"))


def _settle_membership(client: MongoClient[dict[str, Any]], host: str) -> None:
    try:
        config = client.admin.command("replSetGetConfig")["config"]
    except OperationFailure as failure:
        if failure.code != NOT_YET_INITIALIZED:
            raise
        members = [{"_id": 0, "host": host}]
        client.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": members})
        return
    if config["members"][0]["host"] != host:  # same data, other port than last time
        config["members"][0]["host"] = host
        config["version"] += 1
        client.admin.command("replSetReconfig", config, force=True)
