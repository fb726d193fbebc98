"""What the whole system says of recordings whose truth is known. All of them are one interview."""

import hashlib
import logging
import statistics
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest

from tests.support import known_recordings as known
from tests.support.live import Asked, LiveStack, pipelines_of
from tests.support.messages import read_messages
from tests.support.recordings_site import RecordingsSite
from tests.support.shared import SHARED
from tests.support.speaking import STORY
from tests.support.twins import ready_result
from tests.support.word_errors import NUMBERS, plain_words, word_error_rate
from vivavoce.contracts import ClaimCheck, FaceSample, FaceTrack, MediaFeatures

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
PATIENCE = 600
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Heard:
    """What came of one recording: its job result, and the face track behind it."""

    result: dict[str, Any]
    track: FaceTrack | None

    @property
    def text(self) -> str | None:
        text: str | None = self.result["transcription"]["text"]
        return text

    def measured(self, name: str) -> float | None:
        value: float | None = {each["name"]: each["value"] for each in self.result["observables"]}[name]
        return value

    def spells(self, kind: str) -> list[tuple[float, float]]:
        found = self.result["integrityEvents"]
        return [(event["start"], event["end"]) for event in found if event["kind"] == kind]

    def samples(self) -> tuple[FaceSample, ...]:
        assert self.track is not None
        return self.track.samples


Of = Callable[[str], Heard]


@pytest.fixture(scope="module")
async def heard(stack: LiveStack, recordings: RecordingsSite) -> dict[str, Heard]:
    names = known.write_known(recordings.folder)
    answered = await stack.submit(*(Asked(name, recordings.file(name)) for name in names))
    await stack.ended(answered["interviewRecordId"], within=PATIENCE)
    pipelines = pipelines_of(answered)
    results = {name: await ready_result(stack, pipelines[name]) for name in names}
    tracks = await tracks_of(stack)
    return {name: Heard(results[name]["result"], tracks.get(pipelines[name])) for name in names}


async def tracks_of(stack: LiveStack) -> dict[str, FaceTrack]:
    """Every answer's face track, by the claim checks of the facts."""
    told = await read_messages(stack.home, [MediaFeatures.type])
    facts = [MediaFeatures.model_validate_json(message.value) for message in told]
    return {fact.answer_id: claimed(stack, fact.face_track) for fact in facts if fact.face_track}


def claimed(stack: LiveStack, claim: ClaimCheck) -> FaceTrack:
    data = (stack.home / "store" / claim.key).read_bytes()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (claim.size, claim.sha256)
    return FaceTrack.model_validate_json(data)


@pytest.fixture
def of(heard: dict[str, Heard]) -> Of:
    def one(name: str) -> Heard:
        if name not in heard:
            pytest.skip(f"needs the reference file behind {name} in {SHARED}, which is absent")
        return heard[name]

    return one


def test_a_man_who_counts_to_ten_is_heard_to_count_to_ten(of: Of) -> None:
    text = of(known.COUNT).text
    assert text is not None
    assert plain_words(text) == NUMBERS[1:]


def test_clear_speech_is_heard_with_few_wrong_words(
    of: Of, record_property: Callable[[str, object], None]
) -> None:
    text = of(known.STORY_FILE).text
    assert text is not None
    wrong = word_error_rate(STORY, text)
    record_property("word_error_rate_story", wrong)
    assert wrong <= 0.05, text


def test_short_unnatural_sentences_are_heard_at_all(
    of: Of, record_property: Callable[[str, object], None]
) -> None:
    rates = {name: word_error_rate(said, of(name).text or "") for name, said in known.GRID.items()}
    texts = {name: of(name).text for name in known.GRID}
    record_property("word_error_rate_grid", rates)
    mean = statistics.mean(rates.values())
    log.info("Mean word error rate %.2f of %s, heard as %s", mean, rates, texts)
    assert mean < 1


def test_a_silent_track_has_no_words_and_no_voice(of: Of) -> None:
    result = of(known.SILENT).result
    assert result["transcription"]["text"] in ("", None)
    assert result["voiceScores"] == dict.fromkeys(("clarity", "confidence", "speech_rate"))
    reasons = {result["reasons"][f"voiceScores.{name}"] for name in result["voiceScores"]}
    assert reasons == {"silent_audio"}
    assert result["evaluationResult"]["overallScore"] is None
    assert result["reasons"]["evaluationResult.overallScore"] == "silent_audio"


def test_a_sound_without_pictures_says_nothing_of_a_face(of: Of) -> None:
    result = of(known.COUNT).result
    assert set(result["faceScores"].values()) == {None}
    assert result["reasons"]["faceScores.engagement"] == "no_video"
    assert of(known.COUNT).track is None


def test_a_face_that_leaves_is_missed_from_when_it_left(of: Of) -> None:
    leaves = of(known.LEAVES)
    assert changes(leaves.samples()) == pytest.approx([2.4], abs=0.4)
    (spell,) = leaves.spells("nobody_visible")
    assert spell == pytest.approx((2.4, 6.4), abs=0.4)


def changes(samples: tuple[FaceSample, ...]) -> list[float]:
    """The seconds half-way between two samples of which only one shows a face."""
    pairs = pairwise(samples)
    return [(one.time + other.time) / 2 for one, other in pairs if one.visible != other.visible]


def test_looking_aside_is_told_right_in_nine_of_ten_seconds(of: Of) -> None:
    aside = of(known.ASIDE)
    seconds: dict[int, list[bool]] = {}
    for sample in aside.samples():
        seconds.setdefault(int(sample.time), []).append(sample.facing is False)
    judged = {second: sum(flags) > len(flags) / 2 for second, flags in seconds.items() if second < 15}
    right = [away == (5 <= second < 10) for second, away in judged.items()]
    assert len(right) == 15
    assert sum(right) >= 0.9 * len(right), judged


def test_looking_aside_is_one_event_with_its_times(of: Of) -> None:
    (spell,) = of(known.ASIDE).spells("looking_away")
    assert spell == pytest.approx((5, 10), abs=0.8)


def test_a_group_of_five_is_five_people(of: Of) -> None:
    group = of(known.GROUP)
    assert (group.measured("people_max"), group.measured("people_count_median")) == (5, 5)
    assert {sample.people for sample in group.samples()} - {None} == {5}


def test_two_people_side_by_side_are_two_people_and_it_is_said(of: Of) -> None:
    pair = of(known.PAIR)
    assert (pair.measured("people_max"), pair.measured("people_count_median")) == (2, 2)
    assert len(pair.spells("several_people")) == 1


@pytest.mark.parametrize("name", sorted(known.GRID))
def test_one_person_is_one_person_who_is_always_there(of: Of, name: str) -> None:
    alone = of(name)
    assert (alone.measured("people_max"), alone.measured("face_visible_share")) == (1, 1)
    assert alone.result["integrityEvents"] == []
