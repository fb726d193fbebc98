"""Passwords: long ones of any kind are taken, first guesses aren't; hashing has its place and its bound."""

import asyncio
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vivavoce.chassis.errors import Overloaded
from vivavoce.gateway.accounts.hashing import Passwords
from vivavoce.gateway.accounts.passwords import guess_problem, length_problem, normal_form
from vivavoce.gateway.accounts.settings import AccountSettings

EMAIL = "ada.yilmaz@example.org"


@pytest.mark.parametrize(
    "password",
    [
        "aaaaaaaaaaaa",
        "abababababab",
        "abcdabcdabcd",
        "111122223333",
        "123456789012",
        "098765432109",
        "abcdefghijkl",
        "qwertyuiop12",
        "qwertyuiopasdf",
        "1qaz2wsx3edc",
        "1q2w3e4r5t6y7u",
        "asdfghjkl;123",
        "password1234",
        "P@ssw0rd2024!",
        "WelcomeWelcome1",
        "letmein-letmein",
        "adminadmin2024",
        "ｐａｓｓｗｏｒｄ１２３４",
        "ada.yilmaz@example.org",
        "ADA.YILMAZ@EXAMPLE.ORG",
        "ada.yilmaz@example.org!",
        "ada.yilmaz123",
    ],
)
def test_what_is_guessed_first_is_refused(password: str) -> None:
    assert guess_problem(password, EMAIL) is not None


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "zwölf Türme im Nebel",
        "эти восемь медных чайников",
        "八つの真鍮のやかんが歌っている",
        "🦜🪕🧊🥨🛶🪁🧶🦔🪴🫖🧭🪗",
        "x7#Lq9vT!m2R",
        "the password of my boat",
        "    spaces are welcome    ",
    ],
)
def test_what_is_long_and_nobodys_first_guess_is_taken(password: str) -> None:
    assert length_problem(password) is None
    assert guess_problem(password, EMAIL) is None


@pytest.mark.parametrize("password", ["", "x7#Lq9vT!m2", "ﬃﬃﬃﬃﬃﬃﬃ", "x" * 1_001, "ğ" * 501])
def test_too_short_and_too_long_ones_are_refused(password: str) -> None:
    assert length_problem(password) is not None


@given(st.text(max_size=60), st.emails())
def test_any_text_is_judged(password: str, email: str) -> None:
    guess_problem(password, email)
    assert normal_form(normal_form(password)) == normal_form(password)


def passwords(**changes: int) -> Passwords:
    return Passwords(
        AccountSettings.model_validate({"password_memory_kib": 8, "password_passes": 1} | changes)
    )


async def test_hashes_are_argon2id_with_owasps_minimum_by_default() -> None:
    assert (await Passwords(AccountSettings()).hash("eight brass kettles")).startswith(
        "$argon2id$v=19$m=19456,t=2,p=1$"
    )


async def test_no_password_is_that_of_a_hash_that_is_not_there() -> None:
    assert await passwords().verify("eight brass kettles", None) == (False, None)


async def test_a_nul_ends_no_password() -> None:
    hashing = passwords()
    stored = await hashing.hash("eight\x00brass kettles")
    assert await hashing.verify("eight\x00copper kettles", stored) == (False, None)


async def test_who_comes_when_too_many_wait_is_told_when_to_come_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hashing = passwords(password_hashes_at_once=1, password_hashes_waiting=1)
    go_on, running, most = threading.Event(), 0, 0

    def slow(password: str) -> str:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        go_on.wait()
        running -= 1
        return password

    monkeypatch.setattr(hashing._hasher, "hash", slow)
    first, second = (asyncio.create_task(hashing.hash(name)) for name in ("first", "second"))
    await asyncio.sleep(0)
    with pytest.raises(Overloaded) as refused:
        await hashing.hash("third")
    assert refused.value.retry_after == 1
    first.cancel()
    await asyncio.sleep(0)
    with pytest.raises(Overloaded):
        await hashing.hash("fourth")
    go_on.set()
    assert await second == "second"
    assert most == 1
    assert await hashing.hash("fifth") == "fifth"


def test_lanes_need_their_memory() -> None:
    with pytest.raises(ValueError, match="PASSWORD_MEMORY_KIB"):
        passwords(password_lanes=2)
