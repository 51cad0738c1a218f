"""Make MongoDB ours: `python -m deploy.docker.mongodb_init`, once at every start of the stack.

Runs in MongoDB's own network, where a server without users lets somebody from the same machine
make the first one. Order: a replica set of one → the administrator → roles and users, with the
passwords of their secret files → the log's indexes, made by its owner. Repeating changes nothing,
save that new passwords take effect.
"""

import sys
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from deploy.docker.access import USERS
from deploy.local.waiting import wait_until
from shared.adapters.mongo import connect, create_log_indexes
from shared.adapters.mongo_access_log import create_access_log_indexes
from shared.settings import Settings

SECRETS = Path("/run/secrets")
MEMBER = "mongodb:27017"
PATIENCE = 120.0
WRONG_PASSWORD = 18
ALREADY_INITIALIZED = 23

Server = MongoClient[dict[str, Any]]


def main() -> int:
    """Everything, in order; an error ends the start of the stack with its reason."""
    county = Settings().county
    admin_uri = _secret("admin")
    with _directly("mongodb://127.0.0.1:27017/?directConnection=true") as stranger:
        wait_until(lambda: _answers(stranger), "mongod answering", PATIENCE)
        if not _lets_in(admin_uri):
            _make_replica_set(stranger)
            _make_administrator(stranger.admin, admin_uri)
    with _directly(admin_uri) as administrator:
        wait_until(lambda: _is_primary(administrator), "mongod being primary", PATIENCE)
        for name in USERS:
            settle_user(administrator.admin, county, name, _password(_secret(name)))
    with connect(_secret("owner"), "owner") as owner:
        create_log_indexes(owner[f"{county}_log"])
        create_access_log_indexes(owner, Settings())
    print(f"MongoDB is ready for {county}: {len(USERS)} users")
    return 0


def settle_user(admin: Database[dict[str, Any]], county: str, name: str, password: str) -> None:
    """Make the role and the user of one process, or bring them up to date."""
    access = USERS[name]
    role = f"{county}_{name}"
    known_role = bool(admin.command("rolesInfo", role)["roles"])
    admin.command(
        "updateRole" if known_role else "createRole",
        role,
        privileges=access.privileges(county),
        roles=access.roles(county),
    )
    known_user = bool(admin.command("usersInfo", name)["users"])
    admin.command("updateUser" if known_user else "createUser", name, pwd=password, roles=[role])


def _secret(name: str) -> str:
    return (SECRETS / f"mongodb_uri_{name}").read_text().strip()


def _password(uri: str) -> str:
    return str(parse_uri(uri)["password"])


def _directly(uri: str) -> Server:
    return MongoClient(uri, serverSelectionTimeoutMS=2000)


def _answers(server: Server) -> bool:
    try:
        server.admin.command("ping")
    except PyMongoError:
        return False
    return True


def _lets_in(uri: str) -> bool:
    with _directly(uri) as server:
        try:
            server.admin.command("ping")
        except OperationFailure as refusal:
            if refusal.code != WRONG_PASSWORD:
                raise
            return False
    return True


def _is_primary(server: Server) -> bool:
    return bool(server.admin.command("hello").get("isWritablePrimary"))


def _make_replica_set(server: Server) -> None:
    """One member, known by its service name; a start that was cut off may have made it already."""
    members = [{"_id": 0, "host": MEMBER}]
    try:
        server.admin.command("replSetInitiate", {"_id": "rs0", "members": members})
    except OperationFailure as refusal:
        if refusal.code != ALREADY_INITIALIZED:
            raise
    wait_until(lambda: _is_primary(server), "mongod becoming primary", PATIENCE)


def _make_administrator(admin: Database[dict[str, Any]], uri: str) -> None:
    admin.command("createUser", parse_uri(uri)["username"], pwd=_password(uri), roles=["root"])


if __name__ == "__main__":
    sys.exit(main())
