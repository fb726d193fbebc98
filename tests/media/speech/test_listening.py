"""Real models listen to speech with known words, and invent none where there are none."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.support.shared import shared_path
from tests.support.speaking import (
    FOREIGN,
    HESITANT,
    STORY,
    music,
    noise,
    recorded,
    silence,
    spoken,
    tone,
    wave_samples,
)
from tests.support.word_errors import NUMBERS, plain_words, word_error_rate
from vivavoce.contracts import NullReason
from vivavoce.evaluation.voice_scores import STEADY, UNSTEADY
from vivavoce.media.adapters.speech import analyse_speech
from vivavoce.media.speech import SpeechAnalysis
from vivavoce.media.speech_settings import SpeechSettings

pytestmark = pytest.mark.slow

Samples = NDArray[np.int16]
Listen = Callable[[Samples], SpeechAnalysis]
SENTENCES = {
    "grid_lbax4n.mpg": "lay blue at x four now",
    "grid_lrwp9a.mpg": "lay red with p nine again",
    "grid_sbia1a.mpg": "set blue in a one again",
    "grid_swiz3n.mpg": "set white in z three now",
    "grid_brbk7n.mpg": "bin red by k seven now",
}


@pytest.fixture
def listen(tmp_path: Path) -> Listen:
    def analyse(samples: Samples) -> SpeechAnalysis:
        path = tmp_path / "sound.pcm"
        path.write_bytes(samples.tobytes())
        return analyse_speech(path, SpeechSettings(), lambda _: None)

    return analyse


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    return spoken(STORY, tmp_path_factory.mktemp("story"))


@pytest.fixture(scope="module")
def foreign(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Samples]:
    folder = tmp_path_factory.mktemp("foreign")
    return cache(lambda language: spoken(FOREIGN[language], folder, language))


def text_of(analysis: SpeechAnalysis) -> str:
    assert analysis.transcript is not None
    return analysis.transcript.text


def values(analysis: SpeechAnalysis) -> dict[str, float | None]:
    return {each.name: each.value for each in analysis.observables}


def test_clear_speech_is_transcribed_with_at_most_one_error_in_twenty(listen: Listen, story: Samples) -> None:
    analysis = listen(story)
    assert word_error_rate(STORY, text_of(analysis)) <= 0.05
    assert (analysis.transcript_reason, analysis.language) == (None, "en")
    assert all(value is not None for value in values(analysis).values())


def test_the_same_sound_gives_the_same_to_the_last_bit(story: Samples, tmp_path: Path) -> None:
    path = tmp_path / "sound.pcm"
    path.write_bytes(story[: 16_000 * 12].tobytes())
    one, other = (
        analyse_speech(path, SpeechSettings(threads=threads, batch_size=batch), lambda _: None)
        for threads, batch in ((1, 4), (2, 1))
    )
    assert one == other


def test_fillers_are_kept_and_marked(listen: Listen, tmp_path: Path) -> None:
    analysis = listen(spoken(HESITANT, tmp_path))
    assert analysis.transcript is not None
    assert sum(word.filler for word in analysis.transcript.words) >= 3
    assert (values(analysis)["filler_rate"] or 0) > 5


def test_a_man_who_counts_to_ten_is_heard_in_order_and_on_time(listen: Listen) -> None:
    analysis = listen(recorded("pyaudio_count.wav"))
    lines = shared_path("media/pyaudio_count.segments").read_text().splitlines()
    spoken_at = [tuple(map(float, line.split(",")[:2])) for line in lines if line.endswith(",speech")]
    assert plain_words(text_of(analysis)) == NUMBERS[1:]
    assert analysis.transcript is not None
    for word, (start, end) in zip(analysis.transcript.words, spoken_at, strict=True):
        assert start - 0.3 <= (word.start + word.end) / 2 <= end + 0.3


def test_real_conversation_is_heard(listen: Listen) -> None:
    analysis = listen(wave_samples(shared_path("media/pyaudio_diarizationExample.wav")))
    assert "in the united kingdom" in text_of(analysis).lower()
    assert 180 < (values(analysis)["speech_rate"] or 0) < 280
    assert (values(analysis)["understood_share"] or 0) > 0.8


def test_unnatural_sentences_of_five_strangers_are_mostly_heard(listen: Listen) -> None:
    errors = [word_error_rate(said, text_of(listen(recorded(name)))) for name, said in SENTENCES.items()]
    assert sum(errors) / len(errors) < 0.6


def test_a_real_voice_at_ease_is_steady_until_it_fades(listen: Listen) -> None:
    steady = recorded("pyaudio_count.wav")
    fading = (steady * 10 ** (-np.linspace(0, 1, len(steady)))).astype(np.int16)
    varies = [values(listen(sound))["loudness_variation"] or 0.0 for sound in (steady, fading)]
    assert 0 < varies[0] < STEADY
    assert varies[1] > (STEADY + UNSTEADY) / 2


@pytest.mark.parametrize("language", list(FOREIGN))
def test_another_language_is_never_given_as_english(
    listen: Listen, foreign: Callable[[str], Samples], language: str
) -> None:
    analysis = listen(foreign(language))
    assert (analysis.transcript, analysis.language) == (None, None)
    assert analysis.transcript_reason is NullReason.LOW_ASR_CONFIDENCE
    assert values(analysis)["speech_rate"] is None
    assert values(analysis)["pitch_median"] is not None


def test_a_foreign_ending_is_left_out_of_an_english_answer(
    listen: Listen, story: Samples, foreign: Callable[[str], Samples]
) -> None:
    analysis = listen(np.concatenate([story, foreign("tr")[: 16_000 * 4]]))
    assert analysis.transcript is not None
    assert analysis.transcript.words[-1].end < len(story) / 16_000 + 0.3
    assert 0.6 < (values(analysis)["understood_share"] or 0) < 0.9


@pytest.mark.parametrize("sound", [noise(10.0), music(10.0), tone(130, 10.0)], ids=["noise", "music", "hum"])
def test_sound_without_speech_gives_no_words(listen: Listen, sound: Samples) -> None:
    analysis = listen(sound)
    assert text_of(analysis) == ""
    assert analysis.transcript_reason is NullReason.INSUFFICIENT_SPEECH
    assert {each.reason for each in analysis.observables} == {NullReason.INSUFFICIENT_SPEECH}


def test_digital_silence_is_silent(listen: Listen) -> None:
    analysis = listen(silence(5.0))
    assert (text_of(analysis), analysis.transcript_reason) == ("", NullReason.SILENT_AUDIO)


@pytest.mark.parametrize("name", ["pyfeat_WolfgangLanger_Pexels.mp4", "gaze_center_left_center.mp4"])
def test_silent_tracks_of_real_recordings_are_silent(listen: Listen, name: str) -> None:
    analysis = listen(recorded(name))
    assert text_of(analysis) == ""
    assert {each.reason for each in analysis.observables} == {NullReason.SILENT_AUDIO}


def test_no_sound_at_all_is_no_audio(listen: Listen) -> None:
    analysis = listen(silence(0.0))
    assert (analysis.transcript, analysis.transcript_reason) == (None, NullReason.NO_AUDIO)


def test_two_words_are_written_down_but_not_measured(listen: Listen) -> None:
    analysis = listen(recorded("pyaudio_count.wav")[:16_000])
    assert plain_words(text_of(analysis)) == ["one", "two"]
    assert analysis.transcript_reason is NullReason.INSUFFICIENT_SPEECH
    assert set(values(analysis).values()) == {None}


def test_progress_rises_from_listening_to_the_end(story: Samples, tmp_path: Path) -> None:
    path = tmp_path / "sound.pcm"
    path.write_bytes(story[: 16_000 * 5].tobytes())
    seen: list[float] = []
    analyse_speech(path, SpeechSettings(), seen.append)
    assert seen == sorted(seen)
    assert (seen[-1], len(seen) >= 3) == (1.0, True)
