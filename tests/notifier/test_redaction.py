"""The log shows what happened, and nothing that would let its reader in."""

import pytest

from tests.notifier.notifying import ACME, HOOK, SCORES, Notifier
from tests.support.facts import scored
from vivavoce.notifier.deliveries import Outcome
from vivavoce.notifier.redaction import masked, response_headers

SECRET = "your-webhook-secret-of-32-bytes!"


async def test_an_attempt_is_kept_without_signatures_cookies_and_secrets() -> None:
    notifier = Notifier()
    _, secret = await notifier.register(HOOK, SCORES, secret=SECRET)
    notifier.sender.answer = lambda sent: Outcome(
        at=notifier.clock.now(),
        status=401,
        error="the endpoint answered 401",
        duration=0.25,
        response_headers={"set-cookie": "session=1", "x-request-id": "r-1", "x-echo": secret},
        response_body=f"expected {secret}, not Bearer abc.def; {sent.headers['webhook-id']}",
        response_cut=True,
    )
    await notifier.hear(scored(), "event-1")
    await notifier.send_due()
    (attempt,) = await notifier.parts.tables.attempts.find(ACME)
    assert (attempt.status, attempt.url, attempt.duration) == (401, HOOK, 0.25)
    assert attempt.request_headers["webhook-id"] == "event-1"
    assert [len(cut) for cut in attempt.request_headers["webhook-signature"].split()] == [13, 13]
    assert attempt.response_headers == {"x-request-id": "r-1", "x-echo": "***"}
    assert attempt.response_body == "expected ***, not Bearer ***; event-1"
    assert attempt.response_cut
    assert secret not in attempt.model_dump_json()


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("whsec_c2VjcmV0 and more", "*** and more"),
        ("authorization: bearer abc", "authorization: bearer ***"),
        ("nothing to hide", "nothing to hide"),
        ("c2VjcmV0", "***"),
    ],
)
def test_what_looks_like_a_credential_is_masked(text: str, shown: str) -> None:
    assert masked(text, ("whsec_c2VjcmV0",)) == shown


def test_headers_without_end_are_cut() -> None:
    kept = response_headers({f"x-{number}": "y" * 5000 for number in range(500)}, ())
    assert (len(kept), {len(value) for value in kept.values()}) == (50, {1024})
