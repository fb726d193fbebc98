"""The recognizer is asked in a way that can be repeated, and its answers are put in their place."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from vivavoce.media.adapters import whisper_transcriber
from vivavoce.media.adapters.packaged_models import ModelMissing
from vivavoce.media.adapters.whisper_transcriber import Recognizer, transcribe
from vivavoce.media.speech_settings import SpeechSettings
from vivavoce.media.speech_spans import WINDOW, Span

SAMPLES = np.zeros(WINDOW * 3_000, dtype=np.int16)
GROUPS = ((Span(0, 500),), (Span(1_000, 1_200), Span(2_000, 2_100)))


class ScriptedPipeline:
    """Says "word" half a second into every clip, in the language that it was made with."""

    def __init__(self, language: str, text: str = " word") -> None:
        self.language, self.text = language, text
        self.calls: list[dict[str, Any]] = []
        self.decoded = 0

    def transcribe(self, audio: object, **options: Any) -> tuple[Iterator[Any], Any]:
        self.calls.append(options)
        return self._segments(options), SimpleNamespace(language=options["language"] or self.language)

    def _segments(self, options: dict[str, Any]) -> Iterator[Any]:
        for clip in options["clip_timestamps"]:
            self.decoded += 1
            seek = int(int(clip["start"] * 16_000) / 16_000 * 100)
            text = " again" if options["no_repeat_ngram_size"] else self.text
            word = SimpleNamespace(word=text, start=seek / 100 + 0.5, end=seek / 100 + 0.9, probability=0.9)
            yield SimpleNamespace(seek=seek, avg_logprob=-0.2, no_speech_prob=0.1, words=[word])


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Callable[[ScriptedPipeline], ScriptedPipeline]:
    def put(pipeline: ScriptedPipeline) -> ScriptedPipeline:
        monkeypatch.setattr(
            whisper_transcriber, "load_recognizer", lambda *_: Recognizer(pipeline, "scripted")
        )
        return pipeline

    return put


def ignore(_: float) -> None:
    """Progress that nobody looks at."""


def test_each_group_gets_its_words_at_their_times_in_the_recording(
    use: Callable[[ScriptedPipeline], ScriptedPipeline],
) -> None:
    use(ScriptedPipeline("en"))
    heard = transcribe(SAMPLES, GROUPS, SpeechSettings(), ignore)
    assert [passage.tokens[0].start for passage in heard.passages] == pytest.approx([0.5, 32.5])
    assert heard.language == "en"


def test_nothing_is_sampled_and_nothing_carries_over(
    use: Callable[[ScriptedPipeline], ScriptedPipeline],
) -> None:
    pipeline = use(ScriptedPipeline("en"))
    transcribe(SAMPLES, GROUPS, SpeechSettings(), ignore)
    assert pipeline.calls[0]["temperature"] == 0
    assert pipeline.calls[0]["condition_on_previous_text"] is False


def test_a_language_that_is_not_accepted_is_named_and_not_decoded(
    use: Callable[[ScriptedPipeline], ScriptedPipeline],
) -> None:
    pipeline = use(ScriptedPipeline("tr"))
    heard = transcribe(SAMPLES, GROUPS, SpeechSettings(batch_size=1), ignore)
    assert (heard.language, heard.passages) == ("tr", ())
    assert (len(pipeline.calls), pipeline.decoded) == (1, 0)


def test_the_language_heard_first_holds_for_the_whole_recording(
    use: Callable[[ScriptedPipeline], ScriptedPipeline],
) -> None:
    pipeline = use(ScriptedPipeline("en"))
    transcribe(SAMPLES, GROUPS, SpeechSettings(batch_size=1), ignore)
    first, *later = (call["language"] for call in pipeline.calls)
    assert (first, set(later)) == (None, {"en"})


def test_a_loop_is_decoded_once_more_without_repetitions(
    use: Callable[[ScriptedPipeline], ScriptedPipeline],
) -> None:
    use(ScriptedPipeline("en", text=" la la la" * 40))
    heard = transcribe(SAMPLES, GROUPS[:1], SpeechSettings(), ignore)
    assert heard.passages[0].text == " again"


def test_sound_that_got_no_words_is_heard_once_more_without_the_prompt(
    use: Callable[[ScriptedPipeline], ScriptedPipeline],
) -> None:
    pipeline = use(ScriptedPipeline("en", text=" one two three four five six seven eight"))
    heard = transcribe(SAMPLES, GROUPS[:1], SpeechSettings(), ignore)
    assert [bool(call["initial_prompt"]) for call in pipeline.calls] == [True, False]
    first, second = (passage.spans for passage in heard.passages)
    assert first[-1].end == second[0].start
    assert second[-1].end == GROUPS[0][0].end


def test_progress_rises_to_the_end(use: Callable[[ScriptedPipeline], ScriptedPipeline]) -> None:
    use(ScriptedPipeline("en"))
    seen: list[float] = []
    transcribe(SAMPLES, GROUPS, SpeechSettings(batch_size=1), seen.append)
    assert seen == [0.5, 1.0]


def test_a_missing_model_is_said_to_be_missing() -> None:
    with pytest.raises(ModelMissing, match="no model at"):
        transcribe(SAMPLES, GROUPS, SpeechSettings(model="/nonexistent"), ignore)
