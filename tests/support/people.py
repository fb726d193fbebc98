"""People with accounts: what they send to the v1 doors, from where, and what they get."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI

from tests.support.gateway import ACME, HOST, GatewayBench
from vivavoce.gateway.web import make_app, make_parts

AUTH = "/api/v1/auth"
ADA = "ada@example.org"
PHRASE = "eight brass kettles sing"
OTHER_PHRASE = "nine copper spoons dance"
WRONG = "seven wooden ladles hum"
HOME = "203.0.113.9"
SECRET = "s" * 32
QUICK_HASHES = {"password_memory_kib": 8, "password_passes": 1}
OPEN: dict[str, Any] = {"signing_secret": SECRET, "registration_organization": ACME, **QUICK_HASHES}


def accounts_bench(folder: Path, **settings: Any) -> GatewayBench:
    """A gateway in memory that people may register at."""
    return GatewayBench(folder, **{**OPEN, **settings})


def second_instance(gateway: GatewayBench, **changes: Any) -> FastAPI:
    """Another gateway over the same database, with some settings changed."""
    settings = gateway.settings.model_copy(update=changes)
    return make_app(make_parts(settings, gateway.database, gateway.asker, gateway.clock, {}))


class People:
    """Callers of one gateway's v1 accounts."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        token: str = "",
        peer: str = HOME,
        headers: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """One request to a door of accounts, from an address."""
        sent = {"Content-Type": "application/json", **(headers or {})}
        sent |= {"Authorization": f"Bearer {token}"} if token else {}
        content = None if body is None else json.dumps(body)
        transport = httpx.ASGITransport(self._app, client=(peer, 50_000))
        async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=sent) as client:
            return await client.request(method, f"{AUTH}/{path}", content=content)

    async def register(
        self, email: str = ADA, password: str = PHRASE, *, name: str = "Ada", peer: str = HOME
    ) -> httpx.Response:
        """Register."""
        body = {"email": email, "password": password, "name": name}
        return await self.send("POST", "register", body, peer=peer)

    async def sign_in(self, email: str = ADA, password: str = PHRASE, *, peer: str = HOME) -> httpx.Response:
        """Sign in."""
        return await self.send("POST", "login", {"email": email, "password": password}, peer=peer)

    async def refresh(self, refresh_token: str, *, peer: str = HOME) -> httpx.Response:
        """Exchange a refresh token."""
        return await self.send("POST", "refresh", {"refresh_token": refresh_token}, peer=peer)

    async def me(self, token: str) -> httpx.Response:
        """Ask who holds a token."""
        return await self.send("GET", "me", token=token)

    async def leave(self, token: str, *, everywhere: bool = False) -> httpx.Response:
        """End a session, or all of them."""
        return await self.send("POST", "logout-all" if everywhere else "logout", token=token)

    async def change_password(
        self, token: str, current: str = PHRASE, new: str = OTHER_PHRASE, *, peer: str = HOME
    ) -> httpx.Response:
        """Take a new password."""
        body = {"current_password": current, "new_password": new}
        return await self.send("POST", "password", body, token=token, peer=peer)


async def tokens(answering: Any) -> dict[str, Any]:
    """The body of an answer that has to be a session."""
    response: httpx.Response = await answering
    assert response.status_code in {200, 201}, response.text
    body: dict[str, Any] = response.json()
    return body
