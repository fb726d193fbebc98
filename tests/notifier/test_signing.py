"""Subscribers can verify what they get with the published libraries, whatever their secret."""

import base64
import json
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
import svix
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey
from standardwebhooks import Webhook, WebhookVerificationError

from vivavoce.chassis.errors import InvalidInput
from vivavoce.chassis.sealing import Vault
from vivavoce.notifier.endpoints import StoredSecret
from vivavoce.notifier.signing import (
    Signer,
    new_secret,
    new_stored_secret,
    normalized_secret,
    signed_headers,
    signers,
)

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


def published(stored: StoredSecret) -> Ed25519PublicKey:
    """The public key as a subscriber reads it from the endpoint's key set."""
    encoded = stored.public_key + "=" * (-len(stored.public_key) % 4)
    return Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(encoded))


def verify_v1a(stored: StoredSecret, headers: dict[str, str], body: str) -> None:
    """Verify by any of the `v1a` signatures, as the specification says; raises InvalidSignature."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.{body}".encode()
    signatures = [one.partition(",") for one in headers["webhook-signature"].split()]
    for version, _, signature in signatures:
        with suppress(InvalidSignature):
            if version == "v1a":
                return published(stored).verify(base64.b64decode(signature), signed)
    raise InvalidSignature


def test_a_subscriber_without_the_secret_verifies_by_the_public_key() -> None:
    vault, now = Vault(), datetime.now(UTC)
    stored = new_stored_secret(vault, new_secret(), now)
    headers = signed_headers(signers(vault, (stored,), now), "msg-1", '{"a": "ü"}', now)
    verify_v1a(stored, headers, '{"a": "ü"}')
    with pytest.raises(InvalidSignature):
        verify_v1a(stored, headers, '{"a": "u"}')
    with pytest.raises(InvalidSignature):
        verify_v1a(new_stored_secret(vault, new_secret(), now), headers, '{"a": "ü"}')


def test_during_a_rotation_old_and_new_verify_and_after_it_the_new_alone() -> None:
    vault, now = Vault(), datetime.now(UTC)
    old_secret, secret = new_secret(), new_secret()
    old = new_stored_secret(vault, old_secret, now)
    old = old.model_copy(update={"ends_at": now + timedelta(seconds=60)})
    new = new_stored_secret(vault, secret, now)
    during = signed_headers(signers(vault, (new, old), now), "msg-1", "{}", now)
    for known, stored in ((old_secret, old), (secret, new)):
        assert Webhook(known).verify("{}", during) == {}
        svix.Webhook(known).verify("{}", during)
        verify_v1a(stored, during, "{}")
    later = now + timedelta(seconds=60)
    after = signed_headers(signers(vault, (new, old), later), "msg-1", "{}", later)
    assert Webhook(secret).verify("{}", after) == {}
    verify_v1a(new, after, "{}")
    with pytest.raises(WebhookVerificationError):
        Webhook(old_secret).verify("{}", after)
    with pytest.raises(InvalidSignature):
        verify_v1a(old, after, "{}")


def test_neither_the_secret_nor_the_private_key_can_be_read_from_what_is_stored() -> None:
    vault, secret = Vault(), new_secret()
    stored = new_stored_secret(vault, secret, datetime.now(UTC))
    (signer,) = signers(vault, (stored,), datetime.now(UTC))
    kept = stored.model_dump_json()
    assert signer.secret == secret
    assert secret not in kept
    assert base64.b64encode(bytes(signer.key)).decode() not in kept
