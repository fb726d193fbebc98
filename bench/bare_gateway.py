"""What the gateway is compared with: the same answers from FastAPI, PyJWT, pymongo and Strawberry alone.

Run as `python -m bench.bare_gateway PORT MONGODB JWKS`. It verifies the same tokens and serves the same
contents from its own collections in the database `bare`, with nothing around that.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Annotated, Any
from uuid import uuid4

import jwt
import strawberry
import uvicorn
from fastapi import Depends, FastAPI, Header, HTTPException
from pymongo import AsyncMongoClient
from strawberry.fastapi import GraphQLRouter

from vivavoce.cli.stack.environment import AUDIENCE, ISSUER
from vivavoce.gateway.records.schemas import Submission

DATABASE = "bare"
MOST = 50


@strawberry.type
class Score:
    """A score as it is stored."""

    overall: float | None
    feedback: str


@strawberry.type
class Transcript:
    """A text as it is stored."""

    text: str | None


@strawberry.type
class Answer:
    """An answer as it is stored."""

    id: strawberry.ID
    question_id: str
    transcript: Transcript
    score: Score | None


@strawberry.type
class Position:
    """A position as it is stored."""

    title: str


@strawberry.type
class Interview:
    """An interview as it is stored, its answers with it."""

    id: strawberry.ID
    status: str
    overall_score: float | None
    position: Position
    answers: list[Answer]


def main(port: int, mongodb: str, jwks: Path) -> None:
    """Serve until told to stop."""
    config = uvicorn.Config(
        make_app(mongodb, json.loads(jwks.read_text())), host="127.0.0.1", port=port, access_log=False
    )
    asyncio.run(uvicorn.Server(config).serve())


@strawberry.type
class Query:
    """The one query."""

    @strawberry.field
    async def interviews(self, info: strawberry.Info[dict[str, Any], None], user_id: str) -> list[Interview]:
        """The latest interviews of whoever submitted them, with their answers."""
        claims, database = info.context["claims"], info.context["database"]
        owned = {"organization_id": claims["org"], "submitted_by": user_id}
        found = await database.interviews.find(owned).sort("submitted_at", -1).to_list(MOST)
        wanted = {"interview_id": {"$in": [each["_id"] for each in found]}}
        answers = await database.answers.find(wanted).to_list()
        return [interview_of(each, answers) for each in found]


def make_app(mongodb: str, jwks: dict[str, Any]) -> FastAPI:
    """The bare application over a database and the issuer's keys."""
    client: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(mongodb, tz_aware=True)
    database, keys = client[DATABASE], jwt.PyJWKSet.from_dict(jwks)
    app = FastAPI()

    async def principal(authorization: Annotated[str, Header()]) -> dict[str, Any]:
        token = authorization.removeprefix("Bearer ")
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=["RS256"], issuer=ISSUER, audience=AUDIENCE
        )
        return claims

    caller = Annotated[dict[str, Any], Depends(principal)]

    @app.get("/results/{answer_id}")
    async def read(answer_id: str, claims: caller) -> Any:
        found = await database.results.find_one({"_id": answer_id, "organization_id": claims["org"]})
        if found is None:
            raise HTTPException(404)
        return found["body"]

    @app.post("/interviews", status_code=202)
    async def submit(submission: Submission, claims: caller) -> dict[str, Any]:
        stored = {"_id": uuid4().hex, "organization_id": claims["org"], **submission.model_dump(mode="json")}
        async with client.start_session() as session, await session.start_transaction():
            await database.submissions.insert_one(stored, session=session)
        return {"ok": True, "interviewRecordId": stored["_id"]}

    def context(claims: caller) -> dict[str, Any]:
        return {"claims": claims, "database": database}

    app.include_router(GraphQLRouter(strawberry.Schema(Query), context_getter=context), prefix="/graphql")
    return app


def interview_of(stored: dict[str, Any], answers: list[dict[str, Any]]) -> Interview:
    """An interview from what is stored of it."""
    end = stored["completion"]
    return Interview(
        id=strawberry.ID(stored["_id"]),
        status=end["status"],
        overall_score=end["overall"],
        position=Position(title=stored["submitted"]["position"]["title"]),
        answers=[answer_of(each) for each in answers if each["interview_id"] == stored["_id"]],
    )


def answer_of(stored: dict[str, Any]) -> Answer:
    """An answer from what is stored of it."""
    score = stored["score"]
    return Answer(
        id=strawberry.ID(stored["_id"]),
        question_id=stored["question_id"],
        transcript=Transcript(text=stored["text"]),
        score=Score(overall=score["overall"], feedback=score["feedback"]) if score else None,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]))
