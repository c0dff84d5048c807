"""Log-in by an OpenID Connect provider: authorization code, PKCE, state and nonce; the id token is verified here."""

import hashlib
import hmac
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from node.accounts.openid_settings import OpenId
from schemas.sentences import gettext_noop as N_
from schemas.sentences import sentence
from wire.encoding import b64url

ALGORITHMS: Final = ["RS256", "PS256", "ES256", "ES384", "Ed25519", "EdDSA"]  # never none, never a shared secret
LEEWAY_SECONDS: Final = 60
KEPT_SECONDS: Final = 3600
MAX_ANSWER: Final = 512 * 1024
_FRESH_SECONDS: Final = 30  # an unknown key makes the keys be asked for again, not more often than this


class NotLoggedIn(Exception):
    """The provider has let nobody in, or cannot be believed; the message says why, and holds no secret."""


class Begun(NamedTuple):
    """A log-in on its way, which the browser brings back: its cookie holds these, and the provider returns `state`."""

    state: str
    nonce: str
    verifier: str


class Identified(NamedTuple):
    """Who the provider says it is: `name` is the account's, made of issuer and subject; `roles` by its claims."""

    name: str
    person: str
    roles: list[str]


def begin() -> Begun:
    """Make the secrets of one log-in."""
    return Begun(*(secrets.token_urlsafe(32) for _ in Begun._fields))


class Provider:
    """One for an application. Methods ask the provider: not for the event loop."""

    def __init__(self, settings: OpenId, clock: Callable[[], float] = time.time) -> None:
        self.settings = settings
        self._clock = clock
        self._lock = threading.Lock()
        self._found: dict[str, Any] = {}
        self._keys = KeySet([])
        self._asked = self._keys_asked = 0.0

    def address(self, begun: Begun) -> str:
        """Give where the browser is sent."""
        asked = {
            "response_type": "code", "client_id": self.settings.client, "redirect_uri": self.settings.callback,
            "scope": "openid profile", "state": begun.state, "nonce": begun.nonce, "code_challenge_method": "S256",
            "code_challenge": b64url(hashlib.sha256(begun.verifier.encode()).digest()),
        }  # fmt: skip
        place = str(self._discovered()["authorization_endpoint"])
        return place + ("&" if "?" in place else "?") + urlencode(asked)

    def finish(self, begun: Begun, came: Mapping[str, str]) -> Identified:
        """Take what the browser brought back; gives who it is. NotLoggedIn otherwise."""
        if not hmac.compare_digest(came.get("state", "").encode(), begun.state.encode()):
            raise NotLoggedIn(N_("this log-in was not begun in this browser, or long ago; begin it again"))
        if came.get("iss", self.settings.issuer).rstrip("/") != self.settings.issuer:
            raise NotLoggedIn(N_("the answer is another provider's"))
        if "code" not in came:
            raise NotLoggedIn(
                sentence("the provider has let nobody in: {value}", value=came.get("error", "no reason")[:60])
            )
        claims = self._claims(self._token(came["code"], begun), begun)
        subject = f"{self.settings.issuer}\n{claims['sub']}"
        name = f"openid-{hashlib.sha256(subject.encode()).hexdigest()[:24]}"
        person = next((str(claims[each]) for each in ("name", "preferred_username") if claims.get(each)), name)
        return Identified(name, person, self.settings.roles_for(claims.get(self.settings.claim)))

    def _token(self, code: str, begun: Begun) -> str:
        sent = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.settings.callback,
            "code_verifier": begun.verifier,
        }  # fmt: skip
        login = httpx2.BasicAuth(self.settings.client, self.settings.secret)
        answer = self._ask("POST", str(self._discovered()["token_endpoint"]), data=sent, auth=login)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotLoggedIn(N_("the provider gave no id token for the code"))
        return token

    def _claims(self, token: str, begun: Begun) -> dict[str, Any]:
        claims = self._verified(token)
        now = self._clock()
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        wrong = {
            "iss": str(claims.get("iss", "")).rstrip("/") != self.settings.issuer,
            "aud": self.settings.client not in audiences,
            "azp": claims.get("azp", self.settings.client) != self.settings.client,
            "exp": not _number(claims.get("exp")) or claims["exp"] + LEEWAY_SECONDS < now,
            "iat": not _number(claims.get("iat")) or claims["iat"] - LEEWAY_SECONDS > now,
            "nonce": not hmac.compare_digest(str(claims.get("nonce", "")).encode(), begun.nonce.encode()),
            "sub": not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255,
        }
        found = [name for name, is_wrong in wrong.items() if is_wrong]
        if found:
            raise NotLoggedIn(sentence("the id token is not for this log-in: {found}", found=", ".join(found)))
        return claims

    def _verified(self, token: str) -> dict[str, Any]:
        for again in (False, True):
            try:
                return dict(jwt.decode(token, self._key_set(again=again), algorithms=ALGORITHMS).claims)
            except (JoseError, ValueError, KeyError):
                if again or self._clock() - self._keys_asked < _FRESH_SECONDS:
                    break
        raise NotLoggedIn(N_("the id token is not signed by the provider's keys"))

    def _discovered(self) -> dict[str, Any]:
        with self._lock:
            if self._clock() - self._asked > KEPT_SECONDS:
                found = self._ask("GET", f"{self.settings.issuer}/.well-known/openid-configuration")
                if str(found.get("issuer", "")).rstrip("/") != self.settings.issuer:
                    raise NotLoggedIn(N_("the provider calls itself otherwise than openid.issuer says"))
                for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
                    if not str(found.get(name, "")).startswith(("https://", "http://127.0.0.1:", "http://localhost:")):
                        raise NotLoggedIn(sentence("the provider's {name} is missing, or has no https", name=name))
                self._found, self._asked = found, self._clock()
            return self._found

    def _key_set(self, *, again: bool) -> KeySet:
        place = str(self._discovered()["jwks_uri"])
        with self._lock:
            if again or self._clock() - self._keys_asked > KEPT_SECONDS:
                self._keys = KeySet.import_key_set(self._ask("GET", place))  # type: ignore[arg-type]
                self._keys_asked = self._clock()
            return self._keys

    def _ask(self, method: str, address: str, **sent: Any) -> dict[str, Any]:
        try:
            with (
                httpx2.Client(timeout=10, follow_redirects=False, trust_env=False) as client,
                client.stream(method, address, headers={"Accept": "application/json"}, **sent) as answer,
            ):
                body = b""
                for part in answer.iter_bytes():
                    body += part
                    if len(body) > MAX_ANSWER:
                        raise NotLoggedIn(N_("the provider's answer is too long"))
                if not answer.is_success:
                    raise NotLoggedIn(sentence("the provider answered {status_code}", status_code=answer.status_code))
                found = httpx2.Response(200, content=body).json()
        except (httpx2.HTTPError, ValueError):
            raise NotLoggedIn(N_("the provider cannot be reached, or its answer cannot be read; try again")) from None
        if not isinstance(found, dict):
            raise NotLoggedIn(N_("the provider's answer cannot be read"))
        return found


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
