"""Who may do what in MongoDB: every process signs in as itself and reaches what it needs."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

READ = ("find", "changeStream", "listIndexes")
APPEND = (*READ, "insert")
OWN = ("createCollection", "createIndex", "dropIndex", "listCollections", "listIndexes")
"""What can be done to the log: nobody may update or remove. An index can remove (by expiry), so
making one is the owner's business too."""


@dataclass(frozen=True)
class Access:
    """What one user may do to the log, and the databases (without the county's prefix) it uses."""

    log: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def privileges(self, county: str) -> list[dict[str, Any]]:
        """The log's part, as a MongoDB role has it."""
        commits = {"db": f"{county}_log", "collection": "commits"}
        return [{"resource": commits, "actions": list(self.log)}] if self.log else []

    def roles(self, county: str) -> list[dict[str, Any]]:
        """The part of the other databases: MongoDB's own roles."""
        return [
            *({"role": "readWrite", "db": f"{county}_{name}"} for name in self.writes),
            *({"role": "read", "db": f"{county}_{name}"} for name in self.reads),
        ]


DECIDING = ("requests", "dispatch", "grid", "accounts", "county")
READING = ("ledger", "timers", "relay")

USERS: Mapping[str, Access] = MappingProxyType(
    {
        **{name: Access(APPEND, writes=(name,)) for name in DECIDING},
        **{name: Access(READ, writes=(name,)) for name in READING},
        "notices": Access(APPEND, writes=("notices",)),
        # `people` is where records lay in clear before there was a vault; it is emptied once
        "vault": Access(APPEND, writes=("vault", "people")),
        "gateway": Access(READ, writes=("gateway",), reads=("accounts",)),
        "demo": Access(writes=("accounts",)),
        # `deploy.verify` reads everything, `deploy.parked` and `deploy.deliveries` retry
        "operator": Access(READ, writes=(*DECIDING, *READING, "notices")),
        "owner": Access(OWN),
    }
)
"""Every user but the administrator, who makes the others."""
