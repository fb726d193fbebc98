"""Subscribers can verify what they get with the published libraries, whatever their secret."""

import base64
import json
from datetime import UTC, datetime

import pytest
import svix
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey
from standardwebhooks import Webhook, WebhookVerificationError

from vivavoce.chassis.errors import InvalidInput
from vivavoce.notifier.signing import Signer, new_secret, normalized_secret, signed_headers

SECRETS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=64).filter(
    lambda secret: not secret.startswith("whsec_")
)


def by(secret: str) -> tuple[Signer]:
    return (Signer(secret, SigningKey.generate()),)


@given(secret=SECRETS, message=st.dictionaries(st.text(max_size=10), st.text(max_size=10), max_size=3))
def test_any_string_signs_what_the_standard_library_verifies(secret: str, message: dict[str, str]) -> None:
    body = json.dumps(message)
    headers = signed_headers(by(normalized_secret(secret)), "msg-1", body, datetime.now(UTC))
    assert Webhook(normalized_secret(secret)).verify(body, headers) == message
    assert Webhook(secret.encode()).verify(body, headers) == message


def test_a_second_published_library_verifies_too() -> None:
    secret = new_secret()
    headers = signed_headers(by(secret), "msg-1", '{"a": 1}', datetime.now(UTC))
    svix.Webhook(secret).verify('{"a": 1}', headers)
    with pytest.raises(svix.webhooks.WebhookVerificationError):
        svix.Webhook(secret).verify('{"a": 2}', headers)


def test_a_changed_body_or_another_secret_does_not_verify() -> None:
    secret = new_secret()
    headers = signed_headers(by(secret), "msg-1", '{"a": 1}', datetime.now(UTC))
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify('{"a": 2}', headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify('{"a": 1}', headers)


@pytest.mark.parametrize("secret", ["", "whsec_", "x" * 10_240])
def test_an_unusable_secret_is_refused(secret: str) -> None:
    with pytest.raises(InvalidInput, match="secret"):
        normalized_secret(secret)


def test_a_secret_in_the_standard_form_is_kept() -> None:
    secret = new_secret()
    assert normalized_secret(secret) == secret


def test_a_standard_secret_may_leave_out_its_padding() -> None:
    assert normalized_secret("whsec_c2VjcmV0MQ") == "whsec_c2VjcmV0MQ=="


@pytest.mark.parametrize(
    "secret",
    ["whsec_hello", "whsec_my-secret!", "whsec_aGVsbG8=====", "whsec_aGVs bG8=", "whsec_çok", "whsec_=="],
)
def test_what_only_begins_like_the_standard_form_is_a_string_like_any_other(secret: str) -> None:
    shown = normalized_secret(secret)
    headers = signed_headers(by(shown), "msg-1", '{"a": 1}', datetime.now(UTC))
    assert base64.b64decode(shown.removeprefix("whsec_"), validate=True) == secret.encode()
    assert Webhook(shown).verify('{"a": 1}', headers) == {"a": 1}
    assert Webhook(secret.encode()).verify('{"a": 1}', headers) == {"a": 1}
