"""docs/measures.md names every number, formula, reason and default as the code has them."""

import json
import re
from collections.abc import Mapping

import pytest

from tests.support.documents import rows
from tests.support.shared import ROOT
from tools.env_example import SERVICES, settings_class, variables
from vivavoce.contracts import IntegrityKind, NullReason, RejectionReason, RiskBand
from vivavoce.evaluation import (
    competencies,
    depth,
    face_scores,
    judging,
    reading,
    relevance,
    rubric,
    voice_scores,
)
from vivavoce.evaluation.derived import Formula
from vivavoce.evaluation.formulas import FORMULAS_VERSION
from vivavoce.gateway.records.reasons import EXPLANATIONS
from vivavoce.media import belief, blinks, face_observables, gaze, pitch, speech_spans, voice
from vivavoce.proctoring import thresholds

DOCUMENT = ROOT / "docs" / "measures.md"
TEXT = re.sub(r"\s+", " ", DOCUMENT.read_text())
ROWS = rows(DOCUMENT)
DEFINITION_CELLS = 3
FORMULAS = {"voiceScores": voice_scores.FORMULAS, "faceScores": face_scores.FORMULAS}
PHRASES = (
    f"`{voice.VERSION}`, face observables `{face_observables.VERSION}`, formulas `{FORMULAS_VERSION}`",
    f"rubric `{rubric.RUBRIC_VERSION}`, integrity rules `{thresholds.RULES_VERSION}`",
    f"shorter than {speech_spans.SHORTEST_SPEECH} s are no speech",
    f"up to {speech_spans.LONGEST_GROUP:.0f} s of speech",
    f"between {pitch.LOWEST_HZ:.0f} and {pitch.HIGHEST_HZ:.0f} Hz",
    f"half second ({voice.PHRASE_WINDOWS} windows)",
    f"probability below {voice.NOISE_BELOW} and farther than {voice.NOISE_MARGIN_WINDOWS} windows",
    f"fewer than {voice.MIN_NOISE_WINDOWS} windows are left, the quietest {voice.QUIETEST_PERCENT} %",
    f"within {voice.SNR_LIMITS[0]:.0f} to {voice.SNR_LIMITS[1]:.0f}",
    f"Pitch needs {voice.MIN_VOICED_FRAMES} voiced frames, loudness {voice.MIN_PHRASES} half seconds",
    f"fewer than {belief.SPARSE_WORDS_PER_SECOND} words per second over",
    f"over more than {belief.SPARSE_AFTER_SECONDS:.0f} s",
    f"Stretches of {belief.LONGEST_WORDLESS:.0f} s or more",
    f"needs {gaze.CALIBRATION_SAMPLES} readable pictures, a third of those taken",
    f"no more than {gaze.FARTHEST_START:.0f} degrees",
    f"a blink of up to {gaze.BLINK_SECONDS} s",
    f"{blinks.BLINK_RISE} higher than both before and after it, within {gaze.BLINK_SECONDS} s",
    f"Needs {face_observables.BLINK_FACE_SECONDS:.0f} s of face",
    f"no more than {blinks.FARTHEST_APART} s apart",
    f"number of words / {reading.FULL_LENGTH:.0f}, at most 1",
    f"ramp(fit, {relevance.UNRELATED}, {relevance.CLOSE}) × min(1",
    f"near − usual − {relevance.ELSEWHERE_SHARE} × elsewhere − {relevance.AWAY_SHARE:.0f} × away",
    f"elsewhere, 0 to {relevance.MOST_ELSEWHERE},",
    f"near − usual is above {relevance.UNSURE[0]} and the fit below {relevance.UNSURE[1]}",
    f"fullness) × {judging.DOUBTED} where relevance",
    f"substance × ({competencies.LEAST_SHARE} + {1 - competencies.LEAST_SHARE:.1f} touch)",
    f"min(1, weighted words / {relevance.ENOUGH_WORDS:.0f})",
    f"ramp(kinds of reasoning, 0, {depth.ENOUGH_KINDS})",
    f"ramp(closeness, {competencies.TOUCHED}, {competencies.SHOWN})",
    f"{competencies.FIRST_SHARE} of the nearest",
    f"a closeness of at least {competencies.NAMED}",
    f"{rubric.LEAST_CREDIT} + {1 - rubric.LEAST_CREDIT} × min(1, relevance / {rubric.ON_TOPIC:.0f})",
    f"longer than {thresholds.LONG_DWELL:.0f} s is a `warning`",
)


def row_of(name: str) -> list[str]:
    found = [row for row in ROWS if row[0] == f"`{name}`" and len(row) == DEFINITION_CELLS]
    assert len(found) == 1, f"{name} has {len(found)} rows"
    return found[0]


@pytest.mark.parametrize("units", [voice.UNITS, face_observables.UNITS], ids=["voice", "face"])
def test_every_observable_is_defined_with_its_unit(units: Mapping[str, str]) -> None:
    assert {name: row_of(name)[1] for name in units} == units


@pytest.mark.parametrize("family", FORMULAS)
def test_every_legacy_score_is_shown_with_the_formula_that_is_published(family: str) -> None:
    def shown(formula: Formula) -> list[str]:
        return row_of(f"{family}.{formula.name}")[1:]

    assert [shown(each) for each in FORMULAS[family]] == [[each.unit, each.text] for each in FORMULAS[family]]


def test_every_criterion_is_shown_with_its_weight() -> None:
    counted = [line for line in rubric.RUBRIC if line.weight]
    assert [row_of(line.name)[1] for line in counted] == [f"{line.weight:.2f}" for line in counted]


@pytest.mark.parametrize("kind", [NullReason, RejectionReason])
def test_every_reason_is_explained_as_callers_read_it(kind: type[NullReason] | type[RejectionReason]) -> None:
    assert {reason: tuple(row_of(reason)[1:]) for reason in kind} == {
        each: EXPLANATIONS[each] for each in kind
    }


@pytest.mark.parametrize("name", [*IntegrityKind, *RiskBand])
def test_every_integrity_event_and_band_has_a_row(name: str) -> None:
    assert [row for row in ROWS if row[0] == f"`{name}`"]


@pytest.mark.parametrize("phrase", PHRASES)
def test_a_constant_stands_in_the_text_as_in_the_code(phrase: str) -> None:
    assert phrase in TEXT


def test_every_default_is_the_settings_own() -> None:
    listed = dict(row for row in ROWS if len(row) == 2 and row[0].strip("`").isupper())
    known = {
        f"`{name}`": default
        for service in SERVICES
        for name, _, default in variables(settings_class(service), without=set())
    }
    assert listed
    assert listed == {name: json.dumps(known[name]) for name in listed}


def test_every_setting_that_a_definition_uses_is_listed() -> None:
    used = {name for name in re.findall(r"`([a-z_]+)`", DOCUMENT.read_text()) if name.count("_")}
    listed = {row[0].strip("`").rpartition("__")[2].lower() for row in ROWS}
    assert used <= listed | {str(reason) for reason in NullReason}
