"""Topics are created as a deployment's settings say."""

import pytest

from vivavoce.chassis import kafka_wire, topics


def test_topics_get_the_copies_that_the_deployment_asks_for(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, int]] = []

    async def create(servers: str, *, replication_factor: int = 1) -> None:
        asked.append((servers, replication_factor))

    monkeypatch.setattr(kafka_wire, "ensure_topics", create)
    monkeypatch.setenv("KAFKA_BOOTSTRAP_SERVERS", "kafka.example:9092")
    monkeypatch.setenv("KAFKA_REPLICATION_FACTOR", "3")
    topics.main()
    assert asked == [("kafka.example:9092", 3)]
