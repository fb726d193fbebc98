"""One example of each failure, in the shape of the family that tells it."""

from typing import Any

from vivavoce.chassis.errors import (
    Conflict,
    FieldProblem,
    Forbidden,
    InfrastructureAway,
    InvalidInput,
    NotFound,
    RateLimited,
    TooLarge,
    Unauthenticated,
)
from vivavoce.gateway.failure_shapes import Shape, Told

CORRELATION_ID = "5f0c8c8e-4c87-4a58-9f53-6c8a2a4fb3d4"
WRONG = (FieldProblem("interview.questions.0.video.url", "must be an http or https address"),)
TOLD: dict[int, tuple[str, str]] = {
    400: (InvalidInput.code, "The request has 1 problem."),
    401: (
        Unauthenticated.code,
        "Send a bearer token in Authorization, or an API key in apiKey or X-API-Key.",
    ),
    403: (Forbidden.code, "This needs the permission interviews:read, which these credentials don't have."),
    404: (NotFound.code, "There is no such thing here."),
    405: ("wrong_method", "This address doesn't take that method."),
    406: ("not_acceptable", "The answer can't be given as any of the media types in Accept."),
    409: (Conflict.code, "It contradicts what is stored."),
    413: (TooLarge.code, "The body is larger than 1000000 bytes."),
    415: ("unsupported_media_type", "Send the body as application/json."),
    422: ("idempotency_key_reused", "The Idempotency-Key was used for another request."),
    429: (RateLimited.code, "The limit general is used up. Try again in 12 seconds."),
    503: (InfrastructureAway.code, "The database doesn't answer. Try again in 5 seconds."),
}


def failure_example(status: int, shape: Shape) -> dict[str, Any] | None:
    """What a failure of this status looks like, or None for one that nobody has described."""
    if status not in TOLD:
        return None
    code, message = TOLD[status]
    problems = WRONG if status == InvalidInput.status else ()
    return shape.render(Told(status, code, message, CORRELATION_ID, problems))
