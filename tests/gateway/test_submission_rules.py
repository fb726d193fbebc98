"""Rules of submissions hold for every input, not only for the examples."""

import math

from hypothesis import given
from hypothesis import strategies as st

from tests.support.gateway import submission
from vivavoce.gateway.records.rules import digest, masked_terms, weigh
from vivavoce.gateway.records.schemas import Candidate, Submission

weights = st.dictionaries(
    st.text(min_size=1), st.floats(min_value=0, allow_nan=False, allow_infinity=False), min_size=1
).filter(lambda given: any(weight > 0 for weight in given.values()))
words = st.text(st.characters(categories=["L"]), min_size=2, max_size=12)


@given(weights)
def test_weights_of_any_size_become_shares_of_one(given_weights: dict[str, float]) -> None:
    competencies = weigh(given_weights).competencies
    assert [competency.name for competency in competencies] == list(given_weights)
    assert math.isclose(math.fsum(competency.weight for competency in competencies), 1.0, rel_tol=1e-9)


@given(weights, st.sampled_from([0.001, 7.0, 1e6]))
def test_scaling_all_weights_changes_no_share(given_weights: dict[str, float], factor: float) -> None:
    shares = [c.weight for c in weigh(given_weights).competencies]
    scaled = {name: weight * factor for name, weight in given_weights.items()}
    if all(math.isfinite(weight) for weight in scaled.values()) and any(scaled.values()):
        others = [c.weight for c in weigh(scaled).competencies]
        assert all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(shares, others, strict=True))


@given(words, words)
def test_every_part_of_a_name_is_masked_longest_first(name: str, surname: str) -> None:
    terms = masked_terms(Candidate(name=name, surname=surname, email="someone@example.org"))
    folded = [term.casefold() for term in terms]
    assert {name.casefold(), surname.casefold(), f"{name} {surname}".casefold()} <= set(folded)
    assert len(folded) == len(set(folded))
    assert [len(term) for term in terms] == sorted((len(term) for term in terms), reverse=True)


def test_direction_controls_do_not_hide_a_name_from_masking() -> None:
    terms = masked_terms(Candidate(name="\u202bDana\u202c", surname="", email="dana@example.org"))
    assert "Dana" in terms


def test_an_address_without_the_name_in_it_masks_no_common_word() -> None:
    terms = masked_terms(Candidate(name="Ada", surname="Ince", email="test@example.org"))
    assert "test" not in terms
    assert "test@example.org" in terms


def test_a_repeat_may_be_written_and_stamped_differently() -> None:
    first = Submission.model_validate(submission(timestamp="2026-03-02T12:00:00Z"))
    body = submission(timestamp="2026-03-02T12:00:30Z", unknown=True)
    again = Submission.model_validate(dict(reversed(body.items())))
    assert digest(first) == digest(again)


def test_another_candidate_is_another_submission() -> None:
    first = Submission.model_validate(submission())
    other = submission(candidate={"name": "Eve", "surname": "Y", "email": "eve@example.org"})
    assert digest(first) != digest(Submission.model_validate(other))
