"""Signing in with the province's identity provider 统一身份认证: OpenID Connect, authorisation code
with PKCE (OpenID Connect Core 1.0 §3.1, RFC 7636).

The provider says who somebody is; what they may do stands here, and nobody is made by it.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit, urlunsplit

from haochaping.kernel import outbound
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

_ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_STRONG = frozenset(("mfa", "otp", "hwk", "sc", "pin", "fpt", "face"))  # RFC 8176
_LEEWAY = 60  # seconds that clocks may differ
_OK = 200


class ProviderAway(Refusal):
    """The provider does not answer as one."""

    status = 503
    code = "provider_away"
    says = Words(
        "统一身份认证暂不可用，请稍后再试，或用账号密码登录。",
        "The identity provider does not answer; try again later, or sign in with a password.",
    )


class NotConfirmed(Refusal):
    """What came back does not prove who somebody is."""

    code = "not_confirmed"
    says = Words(
        "统一身份认证未确认您的身份，请重新登录。",
        "The identity provider did not confirm who you are; sign in again.",
    )


@dataclass(frozen=True)
class Provider:
    """A provider, and our name and secret there."""

    issuer: str
    client: str
    secret: str
    claim: str  # that holds the name of the account


def provider(setting: str) -> Provider | None:
    """Return the provider of HCP_OIDC, `https://CLIENT:SECRET@issuer/path?claim=NAME`; None where
    none is set.
    """
    if not setting:
        return None
    parts = urlsplit(setting)
    host = parts.netloc.rpartition("@")[2]
    issuer = urlunsplit((parts.scheme, host, parts.path, "", "")).rstrip("/")
    claim = parse_qs(parts.query).get("claim", ["preferred_username"])[0]
    return Provider(issuer, unquote(parts.username or ""), unquote(parts.password or ""), claim)


@dataclass(frozen=True)
class Asked:
    """What we asked, kept in the browser's session until the answer comes."""

    state: str
    nonce: str
    verifier: str


def ask(one: Provider, back: str) -> tuple[str, Asked]:
    """Return the address to which a browser is sent, and what to keep; raises ProviderAway."""
    asked = Asked(*(secrets.token_urlsafe(32) for _ in range(3)))
    digest = hashlib.sha256(asked.verifier.encode()).digest()
    wanted = {
        "response_type": "code",
        "client_id": one.client,
        "redirect_uri": back,
        "scope": "openid profile",
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    place = _found(one)["authorization_endpoint"]
    return f"{place}{'&' if '?' in place else '?'}{urlencode(wanted)}", asked


@dataclass(frozen=True)
class Confirmed:
    """Who somebody is, as the provider says."""

    subject: str  # never used for anybody else (OpenID Connect Core §2)
    account: str
    strong: bool  # whether more than a password was asked for


def confirm(
    one: Provider, asked: Asked, given: Mapping[str, str], back: str, at: datetime
) -> Confirmed:
    """Return who came back; raises NotConfirmed or ProviderAway."""
    if not secrets.compare_digest(given.get("state", "").encode(), asked.state.encode()):
        raise NotConfirmed
    if "code" not in given:
        raise NotConfirmed
    places = _found(one)
    told = _exchanged(one, places["token_endpoint"], asked.verifier, given["code"], back)
    keys = _get(places["jwks_uri"])
    claims = _verified(one, keys, str(told.get("id_token", "")), asked.nonce, at)
    if one.claim not in claims and "userinfo_endpoint" in places:
        token = str(told.get("access_token", ""))
        claims = _described(places["userinfo_endpoint"], token, claims)
    account = claims.get(one.claim)
    if not isinstance(account, str) or not account:
        raise NotConfirmed
    methods = claims.get("amr", [])
    strong = bool(_STRONG & set(methods)) if isinstance(methods, list) else False
    return Confirmed(f"{one.issuer} {claims['sub']}"[:300], account, strong)


def _exchanged(one: Provider, place: str, verifier: str, code: str, back: str) -> dict[str, Any]:
    """Return what the provider gives for a code."""
    pair = f"{quote(one.client, safe='')}:{quote(one.secret, safe='')}".encode()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": verifier,
    }
    headers = {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}
    try:
        answer = outbound.post(place, headers=headers, form=form)
    except outbound.Unreachable:
        raise ProviderAway from None
    if answer.status != _OK:
        raise NotConfirmed
    return _json(answer.body)


def _verified(
    one: Provider, keys: dict[str, Any], token: str, nonce: str, at: datetime
) -> dict[str, Any]:
    """Return the claims of an ID token (§3.1.3.7): signed by the provider, for us, now, and for
    this one question.
    """
    from joserfc import jwt  # noqa: PLC0415 - only who signs in this way waits for it
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import KeySet  # noqa: PLC0415

    registry = jwt.JWTClaimsRegistry(
        now=int(at.timestamp()),
        leeway=_LEEWAY,
        iss={"essential": True, "value": one.issuer},
        aud={"essential": True, "value": one.client},
        exp={"essential": True},
        sub={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(token, KeySet.import_key_set(keys), _ALGORITHMS).claims  # type: ignore[arg-type]
        registry.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError):
        raise NotConfirmed from None
    return claims


def _described(place: str, token: str, claims: dict[str, Any]) -> dict[str, Any]:
    """Return the claims with those of the UserInfo endpoint, where it speaks of the same person
    (§5.3.2): some providers name accounts only there.
    """
    more = _get(place, {"Authorization": f"Bearer {token}"})
    return {**more, **claims} if more.get("sub") == claims["sub"] else claims


def _found(one: Provider) -> dict[str, str]:
    """Return the provider's addresses (OpenID Connect Discovery 1.0 §4)."""
    found = _get(f"{one.issuer}/.well-known/openid-configuration")
    if str(found.get("issuer", "")).rstrip("/") != one.issuer:
        raise ProviderAway
    needed = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    if not all(isinstance(found.get(name), str) for name in needed):
        raise ProviderAway
    return {name: text for name, text in found.items() if isinstance(text, str)}


def _get(url: str, more: Mapping[str, str] | None = None) -> dict[str, Any]:
    headers = {"Accept": "application/json", **(more or {})}
    try:
        answer = outbound.get(url, headers=headers, params={})
    except outbound.Unreachable:
        raise ProviderAway from None
    if answer.status != _OK:
        raise ProviderAway
    return _json(answer.body)


def _json(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise ProviderAway from None
    if not isinstance(told, dict):
        raise ProviderAway
    return told
