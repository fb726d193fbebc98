"""Ids: random where something is new, derived where a repeat must meet itself."""

from uuid import UUID, uuid4, uuid5

NAMESPACE = UUID("6f0c3a52-6d0f-5a53-9d3e-1f6f7a0c2b11")
OBJECT_ID_HEX_DIGITS = 24


def new_id() -> str:
    """A random id, for what has never been seen before."""
    return str(uuid4())


def derived_id(*parts: str) -> str:
    """The UUIDv5 of the parts: the same parts give the same id, on every machine."""
    return str(uuid5(NAMESPACE, "\x1f".join(parts)))


def derived_object_id(*parts: str) -> str:
    """Like `derived_id`, as the 24 hexadecimal digits that the records family shows."""
    return uuid5(NAMESPACE, "\x1f".join(parts)).hex[:OBJECT_ID_HEX_DIGITS]


def interview_id(organization_id: str, request_id: str) -> str:
    """The id of the interview that a request submits."""
    return derived_object_id(organization_id, request_id)


def answer_id(organization_id: str, request_id: str, question_id: str) -> str:
    """The id of one answer of a submitted interview: the `pipelineId` of the records family."""
    return derived_object_id(organization_id, request_id, question_id)


def output_id(subject: str, purpose: str) -> str:
    """The id of a fact that can happen once to a subject, such as the score of an answer."""
    return derived_id(subject, purpose)
