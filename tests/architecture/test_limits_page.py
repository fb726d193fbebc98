"""The page on limits has the limits that the code has, and the metrics that exist."""

import re

from tests.support.shared import ROOT
from tools.limits_page import HEAD, PAGE, limits_page
from vivavoce.gateway.limits import metrics
from vivavoce.gateway.limits.rules import Tier
from vivavoce.gateway.settings import GatewaySettings


def test_the_page_is_current() -> None:
    assert PAGE.read_text() == limits_page()


def test_the_page_has_a_row_for_each_tier_with_a_setting_that_exists() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| `(\w+)` \|$", PAGE.read_text(), re.MULTILINE)
    assert HEAD in PAGE.read_text()
    assert [tier for tier, _ in rows] == list(Tier)
    assert {setting.lower() for _, setting in rows} < GatewaySettings.model_fields.keys()


def test_the_page_names_exactly_the_metrics_that_exist() -> None:
    families = [
        family for name, value in vars(metrics).items() if name.isupper() for family in value.collect()
    ]
    named = set(re.findall(r"`(viva_\w+)`", (ROOT / "docs" / "limits.md").read_text()))
    assert named == {f"{family.name}_total" for family in families}
