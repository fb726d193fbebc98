"""A plan follows from its seed, is hard enough over a few seeds, and leaves nothing injured."""

from collections import Counter
from itertools import pairwise

import pytest

from tests.chaos.faults import FAULTS
from tests.chaos.observed import COMPLETED, SCORED
from tests.chaos.plan import (
    LAST_FORGETTING,
    MINUTE,
    SITE,
    SUBSCRIBERS,
    Act,
    Injury,
    make_plan,
)
from tests.chaos.poison import POISONS, READERS, TOPICS
from tests.support.tempers import BAD_TEMPERS, Temper
from vivavoce.cli.stack.names import BROKER_SERVER, DATABASE, KAFKA_BROKERS, SERVICES
from vivavoce.contracts import FACTS

SEEDS = range(1, 13)
MINUTES = 2.0
LENGTH = MINUTES * MINUTE


def plans(*, kafka: bool = False) -> list[tuple[Act, ...]]:
    return [make_plan(seed, MINUTES, kafka=kafka) for seed in SEEDS]


def all_acts(*, kafka: bool = False) -> list[Act]:
    return [act for plan in plans(kafka=kafka) for act in plan]


def test_the_same_seed_gives_the_same_plan_and_another_one_another() -> None:
    assert make_plan(7, MINUTES) == make_plan(7, MINUTES)
    assert len(set(plans())) == len(SEEDS)


@pytest.mark.parametrize("kafka", [False, True])
def test_everything_is_healed_when_the_time_is_over(kafka: bool) -> None:
    assert all(0 <= act.at <= act.ends <= LENGTH for act in all_acts(kafka=kafka))


def test_every_service_suffers_every_signal() -> None:
    suffered = {(act.injury, act.to) for act in all_acts()}
    signals = (Injury.KILL, Injury.TERM, Injury.TERM_TWICE, Injury.FREEZE)
    assert {(signal, service) for signal in signals for service in SERVICES} <= suffered


def test_the_database_and_the_broker_suffer_all_that_they_can() -> None:
    suffered = {(act.injury, act.to) for act in all_acts()}
    assert {(injury, DATABASE) for injury in (Injury.KILL, Injury.RESTART, Injury.FREEZE)} <= suffered
    assert {(injury, BROKER_SERVER) for injury in (Injury.KILL, Injury.FREEZE)} <= suffered


def test_every_broker_of_a_cluster_suffers_and_the_embedded_one_is_not_there() -> None:
    suffered = {(act.injury, act.to) for act in all_acts(kafka=True)}
    assert {(injury, one) for injury in (Injury.KILL, Injury.FREEZE) for one in KAFKA_BROKERS} <= suffered
    assert not [act for act in all_acts(kafka=True) if act.to == BROKER_SERVER]


def test_brokers_of_a_cluster_suffer_one_at_a_time() -> None:
    for plan in plans(kafka=True):
        hurt = [act for act in plan if act.to in KAFKA_BROKERS]
        assert all(one.ends < other.at for one, other in pairwise(hurt))


def test_a_short_trial_of_a_cluster_kills_a_broker() -> None:
    for seed in SEEDS:
        killed = [act.to for act in make_plan(seed, MINUTES / 2, kafka=True) if act.injury is Injury.KILL]
        assert set(killed) & set(KAFKA_BROKERS)


def test_subscribers_the_site_and_the_database_fail_in_every_way() -> None:
    done = {(act.to, act.how) for act in all_acts()}
    assert {(one, temper) for one in SUBSCRIBERS for temper in BAD_TEMPERS} <= done
    assert {(SITE, temper) for temper in BAD_TEMPERS if temper is not Temper.THROTTLING} <= done
    assert {(DATABASE, fault) for fault in FAULTS} <= done


def test_every_plan_has_each_kind_of_injury() -> None:
    for plan in plans():
        assert {act.injury for act in plan} == set(Injury)


def test_every_plan_ends_with_poison_of_every_kind() -> None:
    for plan in plans():
        last = [act for act in plan if act.at == LENGTH and act.injury is Injury.POISON]
        assert Counter(act.how for act in last) == Counter(POISONS)


def test_the_embedded_broker_is_not_killed_late() -> None:
    killed = [act for act in all_acts() if (act.injury, act.to) == (Injury.KILL, BROKER_SERVER)]
    assert killed
    assert all(act.at <= LENGTH * LAST_FORGETTING for act in killed)


def test_a_frozen_service_stands_still_past_its_session() -> None:
    frozen = [act for act in all_acts() if act.injury is Injury.FREEZE and act.to in SERVICES]
    assert all(act.lasts > 6 for act in frozen)


def test_poison_is_put_where_somebody_reads_it() -> None:
    assert {SCORED, COMPLETED, "recording.requested", "media.features"} <= set(READERS)
    assert set(READERS) <= {name for name, fact in FACTS.items() if fact.durable}
    assert all(set(topics) <= set(READERS) for topics in TOPICS.values())
