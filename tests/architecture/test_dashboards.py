"""What dashboards and alerts ask for exists: a metric that was renamed would leave them silent."""

import json
import re
from types import ModuleType

import pytest
import yaml
from prometheus_client.metrics import MetricWrapperBase

from tests.support.shared import ROOT
from vivavoce.chassis import edge_metrics, metrics
from vivavoce.notifier import metrics as webhook_metrics

MODULES = (metrics, edge_metrics, webhook_metrics)
RULES = yaml.safe_load((ROOT / "deploy/prometheus/rules.yml").read_text())["groups"][0]["rules"]
DASHBOARD = json.loads((ROOT / "deploy/grafana/provisioning/dashboards/vivavoce.json").read_text())
PANELS = [panel for panel in DASHBOARD["panels"] if panel["type"] != "row"]
EXPRESSIONS = [rule["expr"] for rule in RULES] + [
    target["expr"] for panel in PANELS for target in panel["targets"]
]
CLAUSE = re.compile(r"(viva_\w+)(?:\{([^}]*)\})?")
OWN_LABELS = {"le", "job", "instance"}


def collectors(module: ModuleType) -> list[MetricWrapperBase]:
    return [value for value in vars(module).values() if isinstance(value, MetricWrapperBase)]


def published() -> dict[str, set[str]]:
    """Every series that a scrape may find, with its labels."""
    found: dict[str, set[str]] = {}
    for module in MODULES:
        for each in collectors(module):
            (family,) = each.describe()
            labels = set(vars(each)["_labelnames"])
            suffixes = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
            for suffix in suffixes.get(family.type, ("",)):
                found[f"{family.name}{suffix}"] = labels
    return found


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_asks_for_series_and_labels_that_exist(expression: str) -> None:
    series, known = published(), set(OWN_LABELS)
    clauses = CLAUSE.findall(expression)
    assert clauses
    for name, conditions in clauses:
        assert name in series
        known |= series[name]
        assert set(re.findall(r"(\w+)[=!]", conditions)) <= series[name] | OWN_LABELS
    for group in re.findall(r"by \(([^)]*)\)", expression):
        assert {label.strip() for label in group.split(",")} <= known


def test_every_metric_of_the_edges_is_on_the_dashboard() -> None:
    shown = " ".join(target["expr"] for panel in PANELS for target in panel["targets"])
    missing = [
        family.name
        for each in collectors(edge_metrics)
        for family in each.describe()
        if family.name not in shown
    ]
    assert missing == []


def test_the_rules_that_prometheus_loads_are_these() -> None:
    configuration = yaml.safe_load((ROOT / "deploy/prometheus/prometheus.yml").read_text())
    assert configuration["rule_files"] == ["rules.yml"]
    assert len({rule["alert"] for rule in RULES}) == len(RULES)
    assert all((ROOT / rule["annotations"]["runbook"]).is_file() for rule in RULES)


def test_what_grafana_reads_has_the_name_that_panels_use() -> None:
    folder = ROOT / "deploy/grafana/provisioning/datasources"
    (source,) = yaml.safe_load((folder / "prometheus.yml").read_text())["datasources"]
    assert {panel["datasource"]["uid"] for panel in PANELS} == {source["uid"]}
