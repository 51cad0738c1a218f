"""What a process is told by its environment, in one place, with defaults for a local run."""

import os
from pathlib import Path

from pydantic import Field
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from shared.sealing import SuiteName


class Settings(BaseSettings):
    """Environment variables of the same names in capitals (`MONGODB_URI`, `AMQP_URI`, …).

    With `_FILE` at the end (`MONGODB_URI_FILE`), the variable names a file that holds the value and
    goes before the plain one, so that passwords stay out of the environment.
    `county` prefixes every database, so several counties can share a cluster.
    `endpoints` is a JSON list of shared.deliveries.Endpoint; it holds secrets, so it belongs into a
    file (`ENDPOINTS_FILE`). `may_deliver_to_loopback` is for tests alone.
    `single_sign_on` is one shared.single_sign_on.Provider as JSON, empty for none; a secret too.
    A session ends after `session_idle_minutes` without use, and after `session_hours` anyway.
    `public_url` is where residents reach the gateway, as `https://orders.example.gov.cn`.
    `vault_url` is where the vault answers, `vault_token` the process's own secret there.
    The vault itself is told `vault_bind` (`address:port`), `vault_callers` (JSON: name → SHA-256 of
    its secret, hexadecimal), the folder `vault_keys`, the `vault_root_key` (64 hexadecimal digits)
    and the `vault_suite` for what is sealed from now on.
    `health_port` 0 means: no health endpoint. Times are seconds.
    """

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    county: str = Field(default="county", pattern=r"^[a-z][a-z0-9_]{0,30}$")
    mongodb_uri: str = "mongodb://127.0.0.1:27017/?replicaSet=rs0"
    amqp_uri: str = "amqp://guest:guest@127.0.0.1:5672/"
    health_port: int = 0
    health_bind: str = "127.0.0.1"
    instance: str = ""
    command_deadline: float = 10.0
    log_level: str = "INFO"
    endpoints: str = "[]"
    may_deliver_to_loopback: bool = False
    vault_url: str = "http://127.0.0.1:8090"
    vault_token: str = ""
    vault_bind: str = "127.0.0.1:8090"
    vault_callers: str = "{}"
    vault_keys: str = ".local/vault-keys"
    vault_root_key: str = Field(default="", pattern=r"^([0-9a-f]{64})?$")
    vault_suite: SuiteName = "aes-256-gcm"
    single_sign_on: str = ""
    session_idle_minutes: int = Field(default=120, ge=1, le=720)
    session_hours: int = Field(default=12, ge=1, le=24)
    public_url: str = Field(default="", pattern=r"^(https?://[^/\s]+)?$")

    def database(self, name: str) -> str:
        """The county's database for one purpose: `county_log`, `county_ledger`, …"""
        return f"{self.county}_{name}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """First what code says, then files, then the environment."""
        files = InitSettingsSource(settings_cls, _from_files(settings_cls))
        return init_settings, files, env_settings, dotenv_settings, file_secret_settings


def _from_files(settings_cls: type[BaseSettings]) -> dict[str, str]:
    paths = {name: os.environ.get(f"{name.upper()}_FILE") for name in settings_cls.model_fields}
    return {name: Path(path).read_text().strip() for name, path in paths.items() if path}
