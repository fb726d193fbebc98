"""Local files are served on loopback, and nothing else is."""

from pathlib import Path

import httpx
import pytest

from vivavoce.cli.errors import CommandFailed
from vivavoce.cli.interviews import addresses, pair
from vivavoce.cli.serving import served
from vivavoce.media.adapters.http_fetcher import HttpFetcher
from vivavoce.media.limits import FetchLimits


def test_a_served_file_arrives_whole_with_its_length_and_type(tmp_path: Path) -> None:
    recording = tmp_path / "answer one.mp4"
    recording.write_bytes(bytes(range(256)) * 1000)
    with served([recording]) as (url,):
        response = httpx.get(url, trust_env=False)
    assert response.content == recording.read_bytes()
    assert response.headers["content-length"] == "256000"
    assert response.headers["content-type"] == "video/mp4"
    assert url.startswith("http://127.0.0.1:")


@pytest.mark.parametrize(
    "name", ["it's (1) & 50%.mp4", "a,b;c=d+e#f?.mp4", "çok güzel.mp4", "answer.m p4", "no suffix"]
)
async def test_a_file_of_any_name_reaches_the_fetcher(tmp_path: Path, name: str) -> None:
    recording = tmp_path / name
    recording.write_bytes(b"recorded")
    fetcher = HttpFetcher(FetchLimits(allow_loopback_fetch=True))
    with served([recording]) as (url,):
        fetched = await fetcher.fetch(url, tmp_path / "fetched", lambda _: None)
    assert fetched.size == len(b"recorded")
    assert (tmp_path / "fetched").read_bytes() == b"recorded"


def test_two_files_of_one_name_have_an_address_each(tmp_path: Path) -> None:
    recordings = [tmp_path / folder / "answer.mp4" for folder in ("one", "two")]
    for recording in recordings:
        recording.parent.mkdir()
        recording.write_text(recording.parent.name)
    with served(recordings) as urls:
        assert [httpx.get(url, trust_env=False).text for url in urls] == ["one", "two"]


def test_what_was_not_chosen_is_not_served(tmp_path: Path) -> None:
    recording = tmp_path / "a.mp4"
    recording.write_bytes(b"x")
    (tmp_path / "secret.txt").write_text("secret")
    with served([recording]) as (url,):
        base = url.removesuffix("1.mp4")
        for path in (f"{base}secret.txt", f"{base}../secret.txt", url.replace("/1.mp4", ""), f"{url}x"):
            assert httpx.get(path, trust_env=False).status_code == 404


def test_nothing_is_served_after_the_block(tmp_path: Path) -> None:
    recording = tmp_path / "a.mp4"
    recording.write_bytes(b"x")
    with served([recording]) as (url,):
        assert httpx.head(url, trust_env=False).status_code == 200
    with pytest.raises(httpx.ConnectError):
        httpx.get(url, trust_env=False)


def test_addresses_stay_and_files_get_one(tmp_path: Path) -> None:
    recording = tmp_path / "a.mp4"
    recording.write_bytes(b"x")
    with addresses(["https://media.example/1.mp4", str(recording)]) as (given, local):
        assert given == "https://media.example/1.mp4"
        assert httpx.get(local, trust_env=False).content == b"x"


def test_a_file_that_is_not_there_is_named() -> None:
    with (
        pytest.raises(CommandFailed, match=r"There is no file /nowhere/a\.mp4"),
        addresses(["/nowhere/a.mp4"]),
    ):
        pass


def test_one_question_serves_for_all_and_other_counts_must_match() -> None:
    assert pair(["a", "b"], ["Why?"]) == [("a", "Why?"), ("b", "Why?")]
    assert pair(["a", "b"], ["Why?", "How?"]) == [("a", "Why?"), ("b", "How?")]
    with pytest.raises(CommandFailed, match="3 recordings and 2 questions"):
        pair(["a", "b", "c"], ["Why?", "How?"])
