"""The administrator's doors to API keys."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from vivavoce.gateway.auth.permissions import Anyone, KeyManager
from vivavoce.gateway.auth.schemas import (
    IssuedKeyBody,
    KeysBody,
    KeySet,
    NewKeyBody,
    issued_key_body,
    key_body,
)
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.parts import PartsOf, context_of

router = APIRouter(tags=["administration"])

FIVE_MINUTES = "public, max-age=300"
KeyId = Annotated[str, Path(alias="keyId", min_length=1, examples=["0f3a9c2b7d41"])]


@router.post(
    "/api/admin/api-keys",
    summary="Create an API key",
    status_code=201,
    responses=failures(400, 401, 403, 413, 503),
)
async def create_api_key(body: NewKeyBody, principal: KeyManager, parts: PartsOf) -> IssuedKeyBody:
    """The key is shown this once; only its hash is kept."""
    scopes = tuple(dict.fromkeys(body.scopes))
    issued = await parts.api_keys.issue(principal, context_of(principal), name=body.name, scopes=scopes)
    return issued_key_body(issued)


@router.get("/api/admin/api-keys", summary="List API keys", responses=failures(401, 403, 503))
async def list_api_keys(principal: KeyManager, parts: PartsOf) -> KeysBody:
    """The organization's keys, oldest first, revoked ones too."""
    keys = await parts.api_keys.list(principal.organization_id)
    return KeysBody(api_keys=tuple(key_body(key) for key in keys))


@router.delete(
    "/api/admin/api-keys/{keyId}",
    summary="Revoke an API key",
    status_code=204,
    responses=failures(401, 403, 404, 503),
)
async def revoke_api_key(key_id: KeyId, principal: KeyManager, parts: PartsOf) -> Response:
    """From now on the key is refused."""
    await parts.api_keys.revoke(context_of(principal), key_id)
    return Response(status_code=204)


@router.get("/.well-known/jwks.json", summary="Keys that bearer tokens are checked with", tags=["system"])
async def read_key_set(_: Anyone, parts: PartsOf, response: Response) -> KeySet:
    """Public keys only, in a JSON Web Key Set; empty where no such tokens are accepted.

    Those of an identity provider elsewhere are published there.
    """
    response.headers["Cache-Control"] = FIVE_MINUTES
    return KeySet(keys=parts.tokens.public_keys())
