"""Model calls for worker processes: their functions must be importable by name."""

from collections.abc import Callable

from vivavoce.chassis.errors import NotFound
from vivavoce.chassis.model_calls import model_call
from vivavoce.media.adapters.lanes import Lanes


def hear(model: str) -> str:
    """Call a model."""
    with model_call("transcribe", "whisper", model):
        return "heard"


def hear_nothing(model: str) -> None:
    """Call a model that fails."""
    with model_call("transcribe", "whisper", model):
        raise NotFound("no words")


def hear_in_a_lane(model: str) -> None:
    """Call a model in a process of this process."""
    lanes = Lanes(niceness=0, sealed=False)
    try:
        lanes.run({"hear": (hear_and_tell, (model,))}, lambda _: None)
    finally:
        lanes.kill()


def hear_and_tell(model: str, tell: Callable[[float], None]) -> str:
    """A lane's work."""
    tell(0.5)
    return hear(model)
