"""The administrator's doors to API keys."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from vivavoce.gateway.auth.creators import KeyCreator
from vivavoce.gateway.auth.permissions import Anyone, KeyManager
from vivavoce.gateway.auth.schemas import (
    IssuedKeyBody,
    KeyBody,
    KeysBody,
    KeySet,
    NewKeyBody,
    RenameBody,
    issued_key_body,
    key_body,
    keys_body,
)
from vivavoce.gateway.documentation import failures
from vivavoce.gateway.pages import PageQuery
from vivavoce.gateway.parts import PartsOf, context_of

router = APIRouter(tags=["administration"])

FIVE_MINUTES = "public, max-age=300"
KeyId = Annotated[str, Path(alias="keyId", min_length=1, max_length=200, examples=["0f3a9c2b7d41"])]


@router.post(
    "/api/admin/api-keys",
    summary="Create an API key",
    status_code=201,
    responses=failures(400, 401, 403, 413, 503),
)
async def create_api_key(body: NewKeyBody, principal: KeyCreator, parts: PartsOf) -> IssuedKeyBody:
    """The key is shown this once; only its hash is kept.

    A scope may be a wildcard, such as `interviews:*`. Nobody gives a key more than they have themselves.
    """
    scopes, longest = tuple(dict.fromkeys(body.scopes)), timedelta(days=parts.settings.api_key_longest_days)
    expires_at = body.ends_within(longest, parts.clock.now())
    issued = await parts.api_keys.issue(
        principal, context_of(principal), name=body.name, scopes=scopes, expires_at=expires_at
    )
    return issued_key_body(issued)


@router.get("/api/admin/api-keys", summary="List API keys", responses=failures(400, 401, 403, 503))
async def list_api_keys(
    query: Annotated[PageQuery, Query()], principal: KeyManager, parts: PartsOf
) -> KeysBody:
    """The organization's keys, oldest first, those that have ended too."""
    return keys_body(await parts.api_keys.list(principal.organization_id, query))


@router.get("/api/admin/api-keys/{keyId}", summary="One API key", responses=failures(400, 401, 403, 404, 503))
async def read_api_key(key_id: KeyId, principal: KeyManager, parts: PartsOf) -> KeyBody:
    """What it may do, when it ends, and when it was last used, to the minute or so."""
    return key_body(await parts.api_keys.get(principal.organization_id, key_id))


@router.patch(
    "/api/admin/api-keys/{keyId}",
    summary="Rename an API key",
    responses=failures(400, 401, 403, 404, 413, 503),
)
async def rename_api_key(key_id: KeyId, body: RenameBody, principal: KeyManager, parts: PartsOf) -> KeyBody:
    """Its name is for people; what it may do never changes."""
    return key_body(await parts.api_keys.rename(context_of(principal), key_id, body.name))


@router.delete(
    "/api/admin/api-keys/{keyId}",
    summary="Revoke an API key",
    status_code=204,
    responses=failures(400, 401, 403, 404, 503),
)
async def revoke_api_key(key_id: KeyId, principal: KeyManager, parts: PartsOf) -> Response:
    """The key is refused everywhere within a second."""
    await parts.api_keys.revoke(context_of(principal), key_id)
    return Response(status_code=204)


@router.get("/.well-known/jwks.json", summary="Keys that bearer tokens are checked with", tags=["system"])
async def read_key_set(_: Anyone, parts: PartsOf, response: Response) -> KeySet:
    """Public keys only, in a JSON Web Key Set; empty where no such tokens are accepted.

    Those of an identity provider elsewhere are published there.
    """
    response.headers["Cache-Control"] = FIVE_MINUTES
    return KeySet(keys=parts.tokens.public_keys())
