"""The doors to the descriptions: for machines as they publish them, for people as pages."""

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response

from vivavoce.gateway.auth.permissions import Anyone
from vivavoce.gateway.description.by_family import families, family_document
from vivavoce.gateway.description.facts import facts_document, facts_page
from vivavoce.gateway.description.layout import GUARDS
from vivavoce.gateway.description.page import family_page, index_page, ways
from vivavoce.gateway.documentation import describe
from vivavoce.gateway.families import Family
from vivavoce.gateway.parts import PartsOf

router = APIRouter(include_in_schema=False)
BY_ACCEPT = {"Vary": "Accept"}


@router.get("/openapi.json")
async def openapi(request: Request, _: Anyone) -> Response:
    """The description of all families."""
    return JSONResponse(describe(request.app))


@router.get("/openapi/{family}.json")
async def openapi_of_family(request: Request, family: str, _: Anyone) -> Response:
    """The description of one family."""
    document = describe(request.app)
    return JSONResponse(family_document(document, _known(family, families(document))))


@router.get("/docs")
async def docs(request: Request, _: Anyone) -> Response:
    """The families on one page."""
    return HTMLResponse(index_page(describe(request.app)), headers=GUARDS)


@router.get("/docs/{family}")
async def docs_of_family(request: Request, family: str, _: Anyone) -> Response:
    """A family's operations on one page."""
    document = describe(request.app)
    known = _known(family, families(document))
    page = family_page(family_document(document, known), document, known)
    return HTMLResponse(page, headers=GUARDS)


@router.get("/asyncapi")
async def asyncapi(request: Request, _: Anyone) -> Response:
    """The description of the facts: a page for whoever asks for one, JSON for others."""
    if "text/html" not in request.headers.get("accept", ""):
        return JSONResponse(facts_document(), headers=BY_ACCEPT)
    page = facts_page(facts_document(), ways(describe(request.app)))
    return HTMLResponse(page, headers={**GUARDS, **BY_ACCEPT})


@router.get("/asyncapi.json")
async def asyncapi_json(_: Anyone) -> Response:
    """The description of the facts."""
    return JSONResponse(facts_document())


@router.get("/graphql/schema")
async def graphql_schema(_: Anyone, parts: PartsOf) -> Response:
    """GraphQL in its definition language."""
    return PlainTextResponse(parts.schema.as_str() + "\n")


def _known(name: str, known: list[Family]) -> Family:
    """The family of this name; raises HTTPException when it has no operations, or there is none."""
    if name not in known:
        raise HTTPException(404)
    return Family(name)
