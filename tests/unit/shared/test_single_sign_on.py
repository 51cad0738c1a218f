"""What an operator may say about an identity provider."""

import json

import pytest
from pydantic import ValidationError

from shared.single_sign_on import provider_in

SAID = {"issuer": "https://id.example.gov.cn/realms/a", "client_id": "c", "client_secret": "s3cret"}


def test_nothing_said_means_none():
    assert provider_in("") is provider_in(" \n") is None


def test_a_provider_is_described_without_showing_its_secret():
    found = provider_in(json.dumps(SAID))
    assert found is not None
    assert found.claim == "preferred_username"
    assert "s3cret" not in repr(found)


@pytest.mark.parametrize(
    "issuer",
    ["http://id.example.gov.cn", "http://127.0.0.1.evil.example", "ftp://a", "https://a/?b", ""],
)
def test_what_decides_who_somebody_is_comes_over_https(issuer: str):
    with pytest.raises(ValidationError):
        provider_in(json.dumps({**SAID, "issuer": issuer}))


def test_a_misspelt_field_is_refused():
    with pytest.raises(ValidationError):
        provider_in(json.dumps({**SAID, "secret": "s3cret"}))
