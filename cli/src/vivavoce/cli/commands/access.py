"""`viva token` and `viva apikey`: credentials for trying the API."""

import os
from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from vivavoce.cli.client import Gateway
from vivavoce.cli.console import print_json
from vivavoce.cli.home import Home, home_from
from vivavoce.cli.stack.environment import LOCAL_ORGANIZATION
from vivavoce.cli.stack.keys import ensure_keys
from vivavoce.cli.stack.status import running_plan
from vivavoce.cli.tokens import Role, mint

DEFAULT_MINUTES = 60.0
Organization = Annotated[str, typer.Option("--org", help="The organization.")]

apikey = typer.Typer(help="API keys.", no_args_is_help=True)


def token(
    role: Annotated[Role, typer.Option(help="What the bearer may do.")],
    org: Organization = LOCAL_ORGANIZATION,
    sub: Annotated[str | None, typer.Option(help="The user's id; `local-ROLE` by default.")] = None,
    minutes: Annotated[float, typer.Option(help="How long it is valid.")] = DEFAULT_MINUTES,
    email: Annotated[
        str | None, typer.Option(help="The user's verified e-mail: a candidate sees its interviews.")
    ] = None,
) -> None:
    """Print a bearer token signed with this stack's development key."""
    typer.echo(_token(home_from(os.environ), role, org, sub or f"local-{role}", minutes, email))


def _token(
    home: Home, role: Role, organization: str, subject: str, minutes: float, email: str | None = None
) -> str:
    return mint(
        ensure_keys(home),
        role=role,
        organization=organization,
        subject=subject,
        now=datetime.now(UTC),
        lifetime=timedelta(minutes=minutes),
        email=email,
    )


@apikey.command("create")
def create(
    name: Annotated[str, typer.Option(help="What the key is for.")] = "viva",
    org: Organization = LOCAL_ORGANIZATION,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole answer.")] = False,
) -> None:
    """Print a new API key; it is shown only now."""
    home = home_from(os.environ)
    base_url = running_plan(home).base_url
    admin = _token(home, Role.ADMIN, org, "viva", minutes=1)
    created = Gateway(base_url, admin).create_api_key(name)
    if as_json:
        print_json(dict(created))
    else:
        typer.echo(created["key"])
