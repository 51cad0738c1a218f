"""What a process is told by its environment, in one place, with defaults for a local run."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Environment variables of the same names in capitals (`MONGODB_URI`, `AMQP_URI`, …).

    `county` prefixes every database, so several counties can share a cluster.
    `health_port` 0 means: no health endpoint. Times are seconds.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    county: str = Field(default="county", pattern=r"^[a-z][a-z0-9_]{0,30}$")
    mongodb_uri: str = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    amqp_uri: str = "amqp://guest:guest@127.0.0.1:5672/"
    health_port: int = 0
    instance: str = ""
    command_deadline: float = 10.0
    log_level: str = "INFO"

    def database(self, name: str) -> str:
        """The county's database for one purpose: `county_log`, `county_ledger`, …"""
        return f"{self.county}_{name}"
