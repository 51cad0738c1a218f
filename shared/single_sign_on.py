"""A county's own identity provider (OpenID Connect), as the operator describes it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr

Address = Annotated[
    str, Field(pattern=r"^(https://[^\s?#]+|http://(127\.0\.0\.1|localhost)(:\d+)?(/[^\s?#]*)?)$")
]
"""https, or this machine for tests: what the provider says decides who somebody is."""


class Provider(BaseModel):
    """`claim` holds the account's name; choose one that people cannot set for themselves.

    `name` is on the button of the sign-in page.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Address
    client_id: str
    client_secret: SecretStr
    claim: str = "preferred_username"
    scopes: tuple[str, ...] = ("openid", "profile")
    name: str = "县统一身份认证"


def provider_in(setting: str) -> Provider | None:
    """From the setting `single_sign_on`. Raises pydantic's ValidationError, without its secret."""
    return Provider.model_validate_json(setting) if setting.strip() else None
