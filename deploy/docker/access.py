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
    """What one user may do to the two logs, and the databases (without the county's prefix) it
    uses. `access` is the access log: who came in, and what left the house."""

    log: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def privileges(self, county: str) -> list[dict[str, Any]]:
        """The logs' part, as a MongoDB role has it."""
        return [
            {"resource": {"db": f"{county}_{name}", "collection": "commits"}, "actions": [*actions]}
            for name, actions in (("log", self.log), ("access", self.access))
            if actions
        ]

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
        "gateway": Access(READ, APPEND, writes=("gateway", "credentials")),
        "demo": Access(writes=("credentials",)),
        # `deploy.verify` reads everything, `deploy.parked` and `deploy.deliveries` retry
        "operator": Access(READ, READ, writes=(*DECIDING, *READING, "notices")),
        "owner": Access(OWN, OWN),
    }
)
"""Every user but the administrator, who makes the others."""
