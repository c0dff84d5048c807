"""A small OpenID Connect provider on loopback, as the standard has it; a test says in which way it is an evil one."""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
from fastapi import FastAPI, Request
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from starlette.responses import JSONResponse, RedirectResponse, Response

from tests.node.serving import served
from ui.forms import read_form

CLIENT, SECRET = "liaison", "a secret of the client"


@dataclass
class LocalProvider:
    """`claims` go into the id token over what is right; `person` is who logs in there."""

    person: dict[str, Any] = field(default_factory=lambda: {"sub": "u1", "name": "Amina W.", "groups": ["ct-desk"]})
    claims: dict[str, Any] = field(default_factory=dict)
    key: ECKey = field(default_factory=lambda: ECKey.generate_key("P-256", {"kid": "1", "use": "sig"}))
    signing: ECKey | None = None  # another than the one that is published
    refuses: str = ""
    unsigned: bool = False
    published_issuer: str | None = None
    address: str = ""
    asked: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def app(self) -> FastAPI:
        """Give its four addresses."""
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def configuration() -> Response:
            self.asked.append("configuration")
            places = {
                name: f"{self.address}/{place}"
                for name, place in (
                    ("authorization_endpoint", "authorize"), ("token_endpoint", "token"), ("jwks_uri", "keys"),
                )
            }  # fmt: skip
            return JSONResponse({"issuer": self.published_issuer or self.address, **places})

        @app.get("/keys")
        def keys() -> Response:
            self.asked.append("keys")
            return JSONResponse(KeySet([self.key]).as_dict(private=False))

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            asked = dict(request.query_params)
            assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
            assert asked["code_challenge_method"] == "S256"
            if self.refuses:
                answer = f"error={self.refuses}&state={asked['state']}"
            else:
                code = f"code{len(self._codes)}"
                self._codes[code] = asked
                answer = f"code={code}&state={asked['state']}&iss={self.address}"
            return RedirectResponse(f"{asked['redirect_uri']}?{answer}", 302)

        @app.post("/token")
        async def token(request: Request) -> Response:
            sent = dict(await read_form(request))
            login = base64.b64decode(request.headers["authorization"].partition(" ")[2]).decode()
            asked = self._codes.pop(sent["code"], None)
            if asked is None or login != f"{CLIENT}:{SECRET}" or sent["redirect_uri"] != asked["redirect_uri"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            challenge = base64.urlsafe_b64encode(hashlib.sha256(sent["code_verifier"].encode()).digest())
            if challenge.rstrip(b"=").decode() != asked["code_challenge"]:
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse({"access_token": "x", "token_type": "Bearer", "id_token": self._id_token(asked)})

        return app

    def _id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        right = {"iss": self.address, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": asked["nonce"]}
        claims = {name: value for name, value in (right | self.person | self.claims).items() if value is not None}
        if self.unsigned:
            parts = [{"alg": "none"}, claims]
            return ".".join(base64.urlsafe_b64encode(orjson.dumps(p)).rstrip(b"=").decode() for p in parts) + "."
        return jwt.encode({"alg": "ES256", "kid": "1"}, claims, self.signing or self.key)


@contextmanager
def provider() -> Iterator[LocalProvider]:
    """Serve a provider while the block runs."""
    made = LocalProvider()
    with served(made.app()) as address:
        made.address = address
        yield made
