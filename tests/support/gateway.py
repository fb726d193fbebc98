"""A gateway in memory, its callers, and the facts that the other services would tell it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from inspect import isawaitable
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from fastapi import FastAPI
from jwt.algorithms import ECAlgorithm

from vivavoce.chassis.broadcasts import Broadcast, hear
from vivavoce.chassis.broker import to_parcel
from vivavoce.chassis.clock import ManualClock
from vivavoce.chassis.consumer import Consumer, consume
from vivavoce.chassis.correlation import Context
from vivavoce.chassis.memory import MemoryDatabase
from vivavoce.chassis.retry import Patience
from vivavoce.chassis.store import ObjectStore, make_store
from vivavoce.chassis.wire import Record
from vivavoce.contracts import AccessChanged, Envelope, Fact, Question, Value, fact_class
from vivavoce.contracts.ids import new_id
from vivavoce.gateway.audit.entries import Entry
from vivavoce.gateway.audit.keeping import Keeper
from vivavoce.gateway.audit.sequencer import Sequencer
from vivavoce.gateway.audit.verification import Verifier
from vivavoce.gateway.interviews.projections import Projections
from vivavoce.gateway.interviews.sweeper import Sweeper
from vivavoce.gateway.parts import Parts
from vivavoce.gateway.settings import GatewaySettings
from vivavoce.gateway.subscriptions import broadcasts, subscriptions
from vivavoce.gateway.web import make_app, make_parts

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
IN_A_LONG_TIME = datetime(2120, 1, 1, tzinfo=UTC)
LOCAL = "org_local"
ACME = "org_acme"
GLOBEX = "org_globex"
ISSUER = "https://issuer.test"
AUDIENCE = "vivavoce"
HOST = "http://localhost"


@cache
def signing_key() -> ec.EllipticCurvePrivateKey:
    """The issuer's private key."""
    return ec.generate_private_key(ec.SECP256R1())


def jwks_of(key: ec.EllipticCurvePrivateKey, key_id: str) -> dict[str, Any]:
    """The public half as a JSON Web Key Set."""
    jwk = json.loads(ECAlgorithm.to_jwk(key.public_key()))
    return {"keys": [{**jwk, "kid": key_id, "use": "sig", "alg": "ES256"}]}


def jwks_file(folder: Path) -> Path:
    """The issuer's key set, written to a folder."""
    path = folder / "jwks.json"
    path.write_text(json.dumps(jwks_of(signing_key(), "key-1")))
    return path


def token(
    organization: str = ACME,
    role: object = "admin",
    subject: str = "user-1",
    *,
    key: ec.EllipticCurvePrivateKey | None = None,
    key_id: str = "key-1",
    **claims: Any,
) -> str:
    """A bearer token that holds on any clock; claims may be added or overridden, left out with None."""
    content = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": subject,
        "org": organization,
        "role": role,
        "iat": LONG_AGO,
        "exp": IN_A_LONG_TIME,
        **claims,
    }
    kept = {name: value for name, value in content.items() if value is not None}
    return jwt.encode(kept, key or signing_key(), algorithm="ES256", headers={"kid": key_id})


class ScriptedAsker:
    """Answers questions as told: a reply, an error to raise, or a function of the question."""

    def __init__(self) -> None:
        self.asked: list[tuple[Question, Context]] = []
        self.answer: Any = None

    async def ask(self, question: Question, context: Context, *, within: timedelta) -> Value:
        """What was scripted."""
        self.asked.append((question, context))
        answer = self.answer(question) if callable(self.answer) else self.answer
        if isawaitable(answer):
            answer = await answer
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Value)
        return answer


class GatewayBench:
    """One gateway over a database and a store in memory, on a clock that is moved by hand.

    With `beside`, a second instance of that one, over the same database, store and clock.
    """

    database_kind = MemoryDatabase

    def __init__(self, folder: Path, *, beside: "GatewayBench | None" = None, **settings: Any) -> None:
        options = {
            "token_jwks_file": jwks_file(folder),
            "token_issuer": ISSUER,
            "token_audience": AUDIENCE,
            "open_to_loopback": True,
            "attested_consent_organizations": (LOCAL, ACME, GLOBEX),
            "stream_poll_seconds": 0.01,
            "result_settle_seconds": 0.5,
            "environment": "development",
            "limit_scale": 1000,
        }
        self.settings = GatewaySettings.model_validate({**options, **settings})
        self.clock: ManualClock = beside.clock if beside else ManualClock(NOON)
        self.database: MemoryDatabase = (
            beside.database if beside else self.database_kind(source="/vivavoce/gateway", clock=self.clock)
        )
        self.store: ObjectStore = beside.store if beside else make_store("memory:///")
        self.asker = ScriptedAsker()
        self.parts = make_parts(
            self.settings, self.database, self.asker, self.clock, {"mongo": self.database.ping}
        )
        self.app: FastAPI = make_app(self.parts)
        projections = Projections(
            self.parts.interviews, self.store, self.clock, self.settings, self.parts.board.changed
        )
        (group,) = subscriptions(projections, Keeper(self.parts.audit))
        rows = {row.fact.type: row for row in group.rows}
        self.consumer = Consumer("gateway", rows, self.database, Patience(self.clock))
        secret = self.settings.signing_secret.get_secret_value()
        means = (self.database, self.parts.audit, self.clock)
        self.sequencer = Sequencer(*means, owner="1", secret=secret)
        self.verifier = Verifier(*means, secret=secret)
        self.sweeper = Sweeper(self.database, self.parts.interviews, self.clock, self.settings)

    def client(
        self, organization: str = ACME, role: str = "admin", subject: str = "user-1"
    ) -> httpx.AsyncClient:
        """A caller with a bearer token."""
        return self.caller({"Authorization": f"Bearer {token(organization, role, subject)}"})

    def caller(
        self, headers: dict[str, str] | None = None, *, peer: str = "203.0.113.9", base_url: str = HOST
    ) -> httpx.AsyncClient:
        """A caller with these headers, from this address."""
        transport = httpx.ASGITransport(self.app, client=(peer, 50_000))
        return httpx.AsyncClient(transport=transport, base_url=base_url, headers=headers)

    async def submit(self, organization: str = ACME, **changes: Any) -> dict[str, Any]:
        """Hand in an interview as an admin; returns the answer's body."""
        async with self.client(organization) as client:
            response = await client.post("/api/interview-record", json=submission(**changes))
        assert response.status_code == 202, response.text
        body: dict[str, Any] = response.json()
        return body

    async def tell(
        self, *facts: Fact, organization: str = ACME, event_id: str | None = None, partition: int = 0
    ) -> None:
        """Have the gateway consume facts of other services, one after the other."""
        for fact in facts:
            await consume(self.record(fact, organization, event_id, partition), self.consumer)

    async def broadcast(self, *facts: Fact, organization: str = ACME) -> None:
        """Have the gateway hear facts as every instance does, whichever of them consumes them."""
        rows = {row.fact.type: row for row in self.broadcasts()}
        for fact in facts:
            await hear(rows[fact.type], self.record(fact, organization))

    def record(
        self, fact: Fact, organization: str, event_id: str | None = None, partition: int = 0
    ) -> Record:
        """A fact as it comes off its topic."""
        envelope = Envelope(
            id=event_id or new_id(),
            type=fact.type,
            source="/vivavoce/test",
            time=self.clock.now(),
            subject=fact.key,
            organization_id=organization,
            correlation_id="corr-test",
        )
        parcel = to_parcel(fact, envelope)
        return Record(parcel.topic, partition, 0, parcel.key, parcel.value, parcel.headers)

    def broadcasts(self, parts: Parts | None = None) -> tuple[Broadcast, ...]:
        """What the gateway hears without a group, or another instance of it."""
        its = parts or self.parts
        return broadcasts(its.board, its.following.completions, its.access, its.health.heard)

    async def hear_of_access(self) -> None:
        """Hear what was emitted about access, as every instance does."""
        row = next(each for each in self.broadcasts() if each.fact is AccessChanged)
        for envelope, fact in await self.emitted():
            if isinstance(fact, AccessChanged):
                parcel = to_parcel(fact, envelope)
                await hear(row, Record(parcel.topic, 0, 0, parcel.key, parcel.value, parcel.headers))

    async def emitted(self) -> list[tuple[Envelope, Fact]]:
        """What the gateway has put into its outbox, in order, without dead letters."""
        rows = await self.database.outbox.pending(10_000)
        found: list[tuple[Envelope, Fact]] = []
        for row in rows:
            envelope = Envelope.from_headers({name: value.decode() for name, value in row.headers})
            kind = fact_class(envelope.type, envelope.version)
            if kind is not None and row.topic == envelope.type:
                found.append((envelope, kind.model_validate_json(row.value or b"")))
        return found

    async def audited(self, organization: str = ACME) -> list[Entry]:
        """What the audit log holds of an organization, oldest first."""
        return await self.parts.audit.entries.find(organization, sort=[("place", 1)], limit=10_000)

    async def dead_letters(self) -> list[str]:
        """The topics of the messages that were put aside."""
        return [row.topic for row in await self.database.outbox.pending(10_000) if row.topic.endswith(".dlq")]


def submission(
    request_id: str = "req-1",
    questions: Sequence[dict[str, Any]] | None = None,
    weights: Any = None,
    candidate: dict[str, Any] | None = None,
    timestamp: str = "2026-03-02T11:59:58Z",
    **extra: Any,
) -> dict[str, Any]:
    """A body of POST /api/interview-record."""
    return {
        "meta": {"apiVersion": "1.0.0", "requestId": request_id, "timestamp": timestamp},
        "application": {
            "id": "app-7",
            "candidate": candidate or {"name": "Ada", "surname": "Yılmaz", "email": "Ada.Y@example.org"},
        },
        "interview": {
            "id": "int-7",
            "position": {
                "id": "pos-1",
                "title": "Data engineer",
                "competencyWeights": {"problem solving": 0.6, "teamwork": 0.4}
                if weights is None
                else weights,
            },
            "questions": [question()] if questions is None else list(questions),
        },
        **extra,
    }


def question(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One question with its recorded answer."""
    video = {"videoResponseId": f"video-{number}", "url": f"https://media.example/{number}.mp4?sig=secret"}
    video |= {name: changes.pop(name) for name in ("videoResponseId", "url") if name in changes}
    return {"id": f"q{number}", "questionText": f"Question {number}?", "video": video, **changes}
