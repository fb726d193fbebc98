"""What can be set about hearing: the model, how hard it tries, and when its word is not taken."""

from pydantic import BaseModel, ConfigDict, Field


class SpeechSettings(BaseModel):
    """Settings of transcription and of the voice measures; every threshold has its unit in its text."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str = Field(
        default="", description="Folder of a CTranslate2 Whisper model; empty takes the packaged tiny.en."
    )
    language: str = Field(
        default="",
        description="Language to hear, as a two-letter code; empty lets the model detect it, if it can.",
    )
    accepted_languages: tuple[str, ...] = Field(
        default=("en",), description="Languages that may be judged; others end as unsupported_language."
    )
    compute_type: str = Field(default="int8", description="CTranslate2 number format of the model.")
    beam_size: int = Field(default=2, ge=1, le=10, description="Hypotheses kept while decoding.")
    batch_size: int = Field(default=4, ge=1, le=32, description="Half minutes of speech decoded together.")
    threads: int = Field(default=1, ge=1, le=64, description="Threads of the recognizer.")
    prompt: str = Field(
        default="So, um, I was, uh, thinking about it. And, hmm, well, you know, that's, like, it.",
        description="Text that shows the model to write fillers down; empty for none.",
    )
    speech_threshold: float = Field(
        default=0.5, gt=0, lt=1, description="Probability of speech at which speech starts."
    )
    silence_threshold: float = Field(
        default=0.35, gt=0, lt=1, description="Probability of speech below which speech ends."
    )
    silence_level: float = Field(
        default=-50.0,
        description="dBFS; a recording without speech whose loudest moment is below it is silent.",
    )
    min_pause: float = Field(default=0.25, gt=0, description="Seconds of silence that count as a pause.")
    longest_spoken_pause: float = Field(
        default=2.0, gt=0, description="Seconds; a longer pause does not count as time spent speaking."
    )
    min_speaking_time: float = Field(
        default=1.0, ge=0, description="Seconds of speech below which nothing about it is measured."
    )
    min_words: int = Field(
        default=3, ge=0, description="Words below which there is too little speech to judge."
    )
    min_confidence: float = Field(
        default=0.5, ge=0, le=1, description="Mean word probability below which the words are not believed."
    )
    min_log_probability: float = Field(
        default=-0.6, le=0, description="Mean log probability of tokens below which words are not believed."
    )
    min_local_confidence: float = Field(
        default=0.65, ge=0, le=1, description="Mean probability below which six words in a row are dropped."
    )
    max_doubted_share: float = Field(
        default=0.3, ge=0, le=1, description="Share of speech not believed above which no text is given."
    )
    max_compression: float = Field(
        default=2.4, gt=1, description="Compression ratio of text above which it is a loop, not speech."
    )
