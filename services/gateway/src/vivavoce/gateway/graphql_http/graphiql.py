"""GraphiQL, a page to try GraphQL on: from files that were fetched once, and from nowhere else."""

from importlib.resources import files
from pathlib import Path

from starlette.responses import FileResponse, HTMLResponse, Response

from vivavoce.chassis.errors import NotFound
from vivavoce.gateway.portal.endpoints import ASK_FIRST
from vivavoce.gateway.settings import GatewaySettings

SCRIPT = "yoga-graphiql.umd.js"
START = "start.js"
FETCHED = {
    SCRIPT: "text/javascript",
    "graphiql.css": "text/css",
    "editor.worker.bundle.js": "text/javascript",
    "json.worker.bundle.js": "text/javascript",
    "graphql.worker..bundle.js": "text/javascript",
}
# Monaco, the editor, writes style elements and attributes of its own, and its fonts are in its style sheet.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "worker-src 'self'",
        "style-src 'self' 'unsafe-inline'",
        "font-src 'self' data:",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
GUARDS = {
    "Content-Security-Policy": POLICY,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": ASK_FIRST,
}


def page(folder: Path | None) -> Response:
    """The page, or one that says how to get it."""
    there = folder is not None and (folder / SCRIPT).is_file()
    return HTMLResponse(_own("index.html" if there else "absent.html"), headers={**GUARDS, "Vary": "Accept"})


def asset(name: str, settings: GatewaySettings) -> Response:
    """A file that the page loads; raises NotFound."""
    if settings.shows_graphiql and name == START:
        return Response(_own(START), media_type="text/javascript", headers=GUARDS)
    folder = settings.graphiql_folder
    if not settings.shows_graphiql or folder is None or name not in FETCHED or not (folder / name).is_file():
        raise NotFound(f"There is no file {name} of GraphiQL here.")
    return FileResponse(folder / name, media_type=FETCHED[name], headers=GUARDS)


def _own(name: str) -> str:
    return (files("vivavoce.gateway.graphql_http") / "page" / name).read_text(encoding="utf-8")
