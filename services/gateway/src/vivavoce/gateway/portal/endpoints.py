"""The doors to the portal's page and its files; open to everyone, for the page holds nothing of anybody's.

Whoever opens it brings a token in the address's fragment, which browsers keep to themselves.
"""

from typing import Annotated

from fastapi import APIRouter, Header, Response
from starlette.exceptions import HTTPException

from vivavoce.gateway.auth.permissions import Anyone
from vivavoce.gateway.portal.assets import Asset, site

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
ASK_FIRST = "no-cache"
A_YEAR = "public, max-age=31536000, immutable"

router = APIRouter(include_in_schema=False)
IfNoneMatch = Annotated[str, Header(alias="If-None-Match")]


@router.get("/portal")
async def read_page(_: Anyone, if_none_match: IfNoneMatch = "") -> Response:
    """The page, asked for anew each time, so that it always names the newest files."""
    return _answer(site().page, ASK_FIRST, if_none_match)


@router.get("/portal/{version}/{name:path}")
async def read_asset(version: str, name: str, _: Anyone, if_none_match: IfNoneMatch = "") -> Response:
    """A file of the page. Its path changes with its content; a page of another version gets today's."""
    asset = site().assets.get(name)
    if asset is None:
        raise HTTPException(404)
    return _answer(asset, A_YEAR if version == site().version else ASK_FIRST, if_none_match)


def _answer(asset: Asset, caching: str, if_none_match: str) -> Response:
    """The file, or word that the reader's copy is still good."""
    tag = f'"{asset.digest}"'
    headers = {**GUARDS, "Cache-Control": caching, "ETag": tag}
    if tag in if_none_match:
        return Response(status_code=304, headers=headers)
    return Response(asset.content, media_type=asset.media_type, headers=headers)
