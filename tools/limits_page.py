"""The text of docs/limits.md: what a person wrote, around a table of the limits as the code has them."""

from collections.abc import Iterator
from pathlib import Path

from vivavoce.gateway.limits.rules import BY_ADDRESS, PLACES, Tier, rules_of
from vivavoce.gateway.settings import GatewaySettings

PAGE = Path(__file__).resolve().parents[1] / "docs" / "limits.md"
HEAD = "| tier | counted for | where | default | setting |"
ELSEWHERE = {
    Tier.GENERAL: "whatever no other tier names",
    Tier.ADDRESS: "everything, before anyone is authenticated",
}


def limits_page() -> str:
    """The page with its table as it has to be."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(HEAD)
    _, _, after = rest.partition("\n\n")
    return f"{before}{HEAD}\n|---|---|---|---|---|\n" + "\n".join(_rows()) + f"\n\n{after}"


def _rows() -> Iterator[str]:
    settings = GatewaySettings.model_construct()
    for tier, rule in rules_of(settings).items():
        counted = "an address" if tier in BY_ADDRESS else "a principal"
        where = ELSEWHERE.get(tier) or ", ".join(f"`{place}`" for place in PLACES[tier])
        unit = " points" if tier is Tier.GRAPHQL else ""
        shown = f"{rule.limit}{unit} in {rule.seconds} s"
        yield f"| `{tier}` | {counted} | {where} | {shown} | `LIMIT_{tier.name}` |"
