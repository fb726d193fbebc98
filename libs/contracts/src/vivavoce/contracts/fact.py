"""What a fact is: a frozen record of something that happened, with the topic that carries it."""

from datetime import timedelta
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable part of a fact. Unknown fields are ignored, so that contracts can grow."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class Message(Value):
    """Anything that has a type name and a key on a topic: a fact, or a question to a service."""

    type: ClassVar[str] = ""
    version: ClassVar[int] = 1
    key_field: ClassVar[str] = "interview_id"

    def __init_subclass__(
        cls, *, type: str = "", version: int = 1, key: str = "interview_id", **kwargs: Any
    ) -> None:
        """Read the class arguments: the CloudEvents type, the data version and the key field."""
        super().__init_subclass__(**kwargs)
        if type:
            cls.type, cls.version, cls.key_field = type, version, key

    @property
    def key(self) -> str:
        """The Kafka key: facts with one key are published and handled in order."""
        return str(getattr(self, self.key_field))


class Fact(Message):
    """Something that happened. The class docstring is its public description.

    The topic has the fact's `type` as its name. `durable` facts go through the outbox; the others
    may be dropped and are never retried. `public` facts are offered to webhook subscribers.
    """

    partitions: ClassVar[int] = 6
    retention: ClassVar[timedelta] = timedelta(days=7)
    durable: ClassVar[bool] = True
    public: ClassVar[bool] = False
