"""Talking to the identity provider: authorization code with PKCE, state and nonce.

Source: OpenID Connect Core 1.0 §3.1, RFC 7636 (PKCE), RFC 9207 (issuer in the answer), RFC 9700.
"""

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from services.gateway.problems import SignInNeeded
from shared.adapters.mongo_sign_in_flows import Flow, Flows
from shared.single_sign_on import Provider

ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Signatures only: with a shared secret or none, anybody could have made the token."""

WELL_KNOWN = "/.well-known/openid-configuration"
KNOWN_FOR_SECONDS = 600.0
LEEWAY_SECONDS = 60
TIMEOUT = httpx.Timeout(8.0)

AWAY = "统一身份认证暂时没有响应，请稍后再试，或用账号和密码登录"
STALE = "这次登录已经过期，或者不是从这个浏览器开始的，请重新登录"
NOT_GRANTED = "统一身份认证没有通过，请重新登录，或用账号和密码登录"


class NotAuthenticated(SignInNeeded):
    """The provider did not vouch for anybody; `fault` is for our own log, never for the page."""

    def __init__(self, message: str, fault: str) -> None:
        super().__init__(message)
        self.fault = fault


@dataclass(frozen=True)
class Departure:
    """Where the browser is sent, and the state that it has to bring back."""

    url: str
    state: str


@dataclass
class SingleSignOn:
    """One provider. Its own description and keys are asked for again after ten minutes."""

    provider: Provider
    flows: Flows
    _described: dict[str, Any] = field(default_factory=dict, repr=False)
    _keys: KeySet | None = field(default=None, repr=False)
    _until: float = 0.0

    async def depart(self, redirect_uri: str, wanted: str) -> Departure:
        """Raises NotAuthenticated when the provider is away."""
        described = await self._description()
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        await self.flows.keep(state, Flow(nonce, verifier, redirect_uri, wanted))
        query = {
            "response_type": "code",
            "client_id": self.provider.client_id,
            "redirect_uri": redirect_uri,
            "scope": " ".join(self.provider.scopes),
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge_of(verifier),
            "code_challenge_method": "S256",
        }
        return Departure(f"{described['authorization_endpoint']}?{urlencode(query)}", state)

    async def arrive(self, answer: Mapping[str, str], state: str | None) -> tuple[str, str]:
        """The account's name by the configured claim, and the page that was wanted.

        `state` is what the browser's cookie says. Raises NotAuthenticated.
        """
        said = answer.get("state", "")
        if not state or not secrets.compare_digest(said.encode(), state.encode()):
            raise NotAuthenticated(STALE, "the state is not this browser's")
        flow = await self.flows.take(state)
        if flow is None:
            raise NotAuthenticated(STALE, "the flow is unknown, taken or too old")
        if answer.get("iss", self.provider.issuer) != self.provider.issuer:
            raise NotAuthenticated(NOT_GRANTED, "another issuer answered")
        if "code" not in answer:
            raise NotAuthenticated(NOT_GRANTED, "the provider said no")
        return await self._name(answer["code"], flow), flow.wanted

    async def _name(self, code: str, flow: Flow) -> str:
        try:
            async with _client() as client:
                tokens = await self._redeem(client, code, flow)
                claims = await self._claims(tokens["id_token"], flow.nonce)
                if self.provider.claim not in claims:
                    claims = await self._more(client, tokens["access_token"], claims)
        except (JoseError, ValueError, KeyError, httpx.HTTPStatusError) as error:
            raise NotAuthenticated(NOT_GRANTED, type(error).__name__) from error
        except httpx.HTTPError as error:
            raise NotAuthenticated(AWAY, type(error).__name__) from error
        return str(claims.get(self.provider.claim, ""))

    async def _redeem(self, client: httpx.AsyncClient, code: str, flow: Flow) -> dict[str, Any]:
        """The tokens for a code, which is worth nothing without our secret and the verifier."""
        described = await self._description()
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": flow.redirect_uri,
            "code_verifier": flow.verifier,
        }
        me = (quote(self.provider.client_id), quote(self.provider.client_secret.get_secret_value()))
        answer = await client.post(described["token_endpoint"], data=form, auth=me)
        answer.raise_for_status()
        tokens: dict[str, Any] = answer.json()
        return tokens

    async def _claims(self, id_token: str, nonce: str) -> dict[str, Any]:
        """Of a token that this provider signed, for us, now, and for this very sign-in."""
        decoded = jwt.decode(id_token, await self._key_set(), algorithms=ALGORITHMS)
        client_id = self.provider.client_id
        registry = jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": self.provider.issuer},
            aud={"essential": True, "value": client_id},
            exp={"essential": True},
            iat={"essential": True},
            sub={"essential": True},
            nonce={"essential": True, "value": nonce},
        )
        registry.validate(decoded.claims)
        if decoded.claims.get("azp", client_id) != client_id:
            raise NotAuthenticated(NOT_GRANTED, "the token is another client's")
        return decoded.claims

    async def _more(
        self, client: httpx.AsyncClient, access_token: str, claims: dict[str, Any]
    ) -> dict[str, Any]:
        """Many providers tell names only here; they must be about the same person."""
        described = await self._description()
        bearer = {"Authorization": f"Bearer {access_token}"}
        answer = await client.get(described["userinfo_endpoint"], headers=bearer)
        answer.raise_for_status()
        told: dict[str, Any] = answer.json()
        if told.get("sub") != claims["sub"]:
            raise NotAuthenticated(NOT_GRANTED, "userinfo is about somebody else")
        return told

    async def _description(self) -> dict[str, Any]:
        await self._ask_again_if_old()
        return self._described

    async def _key_set(self) -> KeySet:
        await self._ask_again_if_old()
        if self._keys is None:
            raise NotAuthenticated(AWAY, "no keys")
        return self._keys

    async def _ask_again_if_old(self) -> None:
        if time.monotonic() < self._until:
            return
        issuer = self.provider.issuer
        try:
            async with _client() as client:
                described = await _json(client, f"{issuer.rstrip('/')}{WELL_KNOWN}")
                keys = KeySet.import_key_set(await _json(client, described["jwks_uri"]))
        except (httpx.HTTPError, ValueError, KeyError, JoseError) as error:
            raise NotAuthenticated(AWAY, type(error).__name__) from error
        if described.get("issuer") != issuer:
            raise NotAuthenticated(AWAY, "it describes another issuer")
        self._described, self._keys = described, keys
        self._until = time.monotonic() + KNOWN_FOR_SECONDS


def challenge_of(verifier: str) -> str:
    """S256: the provider sees only the hash until the code is redeemed."""
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _client() -> httpx.AsyncClient:
    """Follows no redirect, and takes no proxy from the environment."""
    return httpx.AsyncClient(timeout=TIMEOUT, trust_env=False)


async def _json(client: httpx.AsyncClient, url: str) -> Any:
    answer = await client.get(url)
    answer.raise_for_status()
    return answer.json()
