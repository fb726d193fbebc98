"""What language models charge for, as the settings name it."""

from pydantic import BaseModel, ConfigDict, Field

MILLION = 1_000_000


class Price(BaseModel):
    """US dollars for a million tokens that a model is given (input) and gives (output)."""

    model_config = ConfigDict(frozen=True)

    input: float = Field(ge=0)
    output: float = Field(ge=0)
