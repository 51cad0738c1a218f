"""docker-compose.yml is what Compose understands, and keeps what docs/docker.md promises."""

import hashlib
import json
import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from jsonschema.validators import validator_for

from deploy.docker import make_secrets
from deploy.docker.access import OWN, USERS

ROOT = Path(__file__).parents[2]
ONCE: Final = {"mongodb-init", "demo", "operator"}
"""Run and end, so they have no health."""

MORE_SECRETS: Final = {
    "notices": ("endpoints", {"source": "vault_token_notices", "target": "vault_token"}),
    "gateway": ({"source": "vault_token_gateway", "target": "vault_token"}, "single_sign_on"),
    "vault": ("vault_root_key", "vault_callers"),
}
BROKERS: Final = {"mongodb", "rabbitmq"}

COMPOSE: Final[dict[str, Any]] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: Final[dict[str, Any]] = COMPOSE["services"]
PROCESSES: Final = {path.parent.name for path in (ROOT / "services").glob("*/service.py")} | {
    "gateway",
    "relay",
}

every_service = pytest.mark.parametrize("name", SERVICES)
every_process = pytest.mark.parametrize("name", sorted(PROCESSES))


def test_the_file_follows_the_compose_specification() -> None:
    vendored = resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    schema = json.loads(vendored.read_text())
    errors = validator_for(schema)(schema).iter_errors(COMPOSE)
    assert [f"{error.json_path}: {error.message}" for error in errors] == []


def test_every_process_of_the_product_has_a_container() -> None:
    assert set(SERVICES) == PROCESSES | BROKERS | ONCE


@every_service
def test_containers_are_confined(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "cap_add", "pid", "ipc"} & set(service)


@every_service
def test_containers_are_limited(name: str) -> None:
    assert {"cpus", "memory", "pids"} <= set(SERVICES[name]["deploy"]["resources"]["limits"])
    assert {"max-size", "max-file"} == set(SERVICES[name]["logging"]["options"])


@every_service
def test_what_stays_up_says_how_it_is(name: str) -> None:
    health = SERVICES[name]["healthcheck"]
    assert health == {"disable": True} if name in ONCE else health["test"][0] == "CMD"


@every_service
def test_images_can_be_replaced(name: str) -> None:
    assert re.fullmatch(r"\$\{[A-Z_]+:-[a-z0-9./:-]+\}", SERVICES[name]["image"])


@every_service
def test_nobody_is_root(name: str) -> None:
    if name in BROKERS:
        assert SERVICES[name]["user"].endswith(":-999:999}")
    else:
        assert re.search(r"^USER county$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


@every_process
def test_processes_wait_for_healthy_brokers(name: str) -> None:
    waits_for = SERVICES[name]["depends_on"]
    assert waits_for["mongodb-init"]["condition"] == "service_completed_successfully"
    assert waits_for["rabbitmq"]["condition"] == "service_healthy"


def test_the_gateway_starts_when_everything_else_is_healthy() -> None:
    assert PROCESSES - {"gateway"} < set(SERVICES["gateway"]["depends_on"])


@every_process
def test_each_process_signs_in_as_itself(name: str) -> None:
    secrets = SERVICES[name]["secrets"]
    own = {"source": f"mongodb_uri_{name}", "target": "mongodb_uri"}
    assert secrets == ["amqp_uri", own, *MORE_SECRETS.get(name, ())]
    assert name in USERS


def test_secrets_are_files_that_the_set_up_makes() -> None:
    files = {secret: Path(entry["file"]).name for secret, entry in COMPOSE["secrets"].items()}
    assert files == {name: name for name in make_secrets.wanted()}
    assert all(set(entry) == {"file"} for entry in COMPOSE["secrets"].values())


def test_no_secret_is_written_in_the_file() -> None:
    suspicious = re.compile(r"password|passwd|secret|token|://[^/]*:[^/]*@", re.IGNORECASE)
    plain = [
        (name, key)
        for name, service in SERVICES.items()
        for key, value in service.get("environment", {}).items()
        if (suspicious.search(key) and not key.endswith("_FILE"))
        or (suspicious.search(value) and not key.endswith("_FILE"))
    ]
    assert plain == []


def test_secrets_are_in_neither_the_image_nor_the_repository() -> None:
    assert "deploy/docker/secrets" in (ROOT / ".dockerignore").read_text().splitlines()
    assert "secrets/" in (ROOT / "deploy/docker/.gitignore").read_text().splitlines()


def test_only_the_gateway_is_reachable_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published == {"gateway": ["${BIND:-127.0.0.1}:${PORT:-8000}:8000"]}
    assert COMPOSE["networks"]["inside"] == {"internal": True}


def test_set_up_makes_secrets_for_their_owner_and_keeps_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    assert sorted(make_secrets.make_secrets(folder)) == sorted(make_secrets.wanted())
    before = dict(_contents(folder))
    assert make_secrets.make_secrets(folder) == []
    assert dict(_contents(folder)) == before
    assert folder.stat().st_mode & 0o777 == 0o700
    assert len(set(before.values())) == len(before)


def test_the_vault_and_its_callers_get_new_tokens_together(tmp_path: Path) -> None:
    make_secrets.make_secrets(tmp_path)
    (tmp_path / "vault_token_notices").unlink()
    again = make_secrets.make_secrets(tmp_path)
    tokens = [f"vault_token_{name}" for name in ("gateway", "notices", "operator")]
    assert again == ["vault_callers", *tokens]
    callers = json.loads((tmp_path / "vault_callers").read_text())
    for name, hashed in callers.items():
        token = (tmp_path / f"vault_token_{name}").read_text()
        assert hashlib.sha256(token.encode()).hexdigest() == hashed


def test_the_broker_and_its_clients_get_a_new_password_together(tmp_path: Path) -> None:
    make_secrets.make_secrets(tmp_path)
    (tmp_path / "amqp_uri").unlink()
    assert make_secrets.make_secrets(tmp_path) == ["amqp_uri", "rabbitmq_definitions"]


def test_the_broker_hashes_passwords_as_its_documentation_shows() -> None:
    """The example of RabbitMQ's guide "Passwords": `test12` with the salt 0x908DC60A."""
    salt = bytes.fromhex("908DC60A")
    assert make_secrets.broker_hash("test12", salt) == (
        "kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR"
    )


def test_nobody_can_change_or_remove_what_is_in_the_log() -> None:
    may_not = {"update", "remove", "dropCollection", "collMod", "bypassDocumentValidation"}
    for name, access in USERS.items():
        assert not may_not & set(access.log), name
        assert "log" not in access.writes, name
    assert [name for name, access in USERS.items() if access.log == OWN] == ["owner"]


def _contents(folder: Path) -> Iterator[tuple[str, str]]:
    return ((path.name, path.read_text()) for path in folder.iterdir())


def test_nobody_may_change_or_remove_an_entry_of_a_log() -> None:
    """Kept 400 days and longer: only the owner makes indexes, and writes nothing."""
    for name, access in USERS.items():
        for actions in (access.log, access.access):
            assert not {"update", "remove", "dropCollection"} & {*actions}, name
            assert name == "owner" or "createIndex" not in actions
            assert not {"insert", "createIndex"} <= {*actions}, name
        assert not {"log", "access"} & {*access.writes, *access.reads}, name
    assert [name for name, access in USERS.items() if "insert" in access.access] == ["gateway"]
