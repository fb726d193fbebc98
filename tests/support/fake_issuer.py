"""A stand-in for Clerk: its key set over loopback HTTP, and the session tokens that it would issue."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

from tests.support.gateway import ACME, NOON

PATH = "/.well-known/jwks.json"


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A private key of this name, the same one each time."""
    del name
    return rsa.generate_private_key(public_exponent=65_537, key_size=2048)


def rsa_jwk(name: str) -> dict[str, Any]:
    """The public half of a named key, the name being its id."""
    public = json.loads(RSAAlgorithm.to_jwk(rsa_key(name).public_key()))
    return {**public, "kid": name, "use": "sig", "alg": "RS256"}


class FakeIssuer:
    """Answers with the keys in `names`, counts how often it is asked, and fails as it is told.

    `hold` makes askers wait until it is set. `answer` replaces the whole answer.
    """

    def __init__(self) -> None:
        self.names = ["ins_1"]
        self.asked = 0
        self.elsewhere: list[str] = []
        self.answer: web.Response | None = None
        self.hold: asyncio.Event | None = None
        self.url = ""

    def fail(self) -> None:
        """From now on answer with 500."""
        self.answer = web.Response(status=500)

    def recover(self) -> None:
        """From now on answer with the keys."""
        self.answer = None

    def token(self, key: str = "ins_1", *, headers: dict[str, Any] | None = None, **claims: Any) -> str:
        """A version 2 session token; claims may be added or overridden, and left out with None."""
        content = {
            "iss": self.url,
            "sub": "user_2ada",
            "sid": "sess_1",
            "v": 2,
            "o": {"id": ACME, "rol": "admin", "slg": "acme"},
            "iat": NOON - timedelta(minutes=1),
            "nbf": NOON - timedelta(minutes=1),
            "exp": NOON + timedelta(hours=1),
            **claims,
        }
        kept = {name: value for name, value in content.items() if value is not None}
        return jwt.encode(kept, rsa_key(key), "RS256", headers={"kid": key, **(headers or {})})

    def old_token(self, **claims: Any) -> str:
        """A version 1 session token."""
        return self.token(**{"v": None, "o": None, "org_id": ACME, "org_role": "org:admin", **claims})

    async def serve_keys(self, _: web.Request) -> web.StreamResponse:
        """The key set, or what was told."""
        self.asked += 1
        if self.hold is not None:
            await self.hold.wait()
        if self.answer is not None:
            answer, self.answer = self.answer, _again(self.answer)
            return answer
        return web.json_response({"keys": [rsa_jwk(name) for name in self.names]})

    async def serve_elsewhere(self, request: web.Request) -> web.Response:
        """Another place on this host; nobody should come."""
        self.elsewhere.append(request.path)
        return web.json_response({"keys": [rsa_jwk("forger")]})


def _again(answer: web.Response) -> web.Response:
    """The same answer anew: one can be sent only once."""
    return web.Response(status=answer.status, body=answer.body, headers=answer.headers)


@asynccontextmanager
async def fake_issuer() -> AsyncIterator[FakeIssuer]:
    """An issuer that serves for the length of a block."""
    issuer = FakeIssuer()
    app = web.Application()
    app.router.add_get(PATH, issuer.serve_keys)
    app.router.add_get("/{elsewhere:.*}", issuer.serve_elsewhere)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    issuer.url = f"http://{host}:{port}"
    try:
        yield issuer
    finally:
        await runner.cleanup()
