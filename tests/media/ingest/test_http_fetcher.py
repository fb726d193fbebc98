"""Every way in which a server can serve a recording, and what becomes of it."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.support.recording_site import CONTENT, HALF, OTHER_CONTENT, Site
from vivavoce.contracts import RejectionReason
from vivavoce.media.adapters.http_fetcher import HttpFetcher
from vivavoce.media.limits import FetchLimits
from vivavoce.media.rejection import Interrupted, Rejected

LIMITS = FetchLimits(
    allowed_fetch_networks=("127.0.0.1/32",),
    fetch_connect_timeout=10.0,
    fetch_idle_timeout=10.0,
    fetch_total_timeout=30.0,
    fetch_pace_window=10.0,
    fetch_minimum_rate=2_000,
    fetch_max_bytes=4_000_000,
    fetch_max_redirects=3,
    fetch_resumes=2,
    fetch_resume_delay=0.01,
)
SOON = LIMITS.model_copy(update={"fetch_idle_timeout": 0.3})
SOON_AND_SWIFT = SOON.model_copy(update={"fetch_pace_window": 0.5})
SIGNED = "/take%28one%29/a%2Fb.mp4?X-Credential=key%2F20260302&sig=a%2Fb%3D%2B%7E&name=it%27s"
HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
WHOLE = ("file", "chunked", "compressed", "redirect-to-file")
RESUMED = (
    "breaks-once",
    "breaks-once-dated",
    "is-away-in-between",
    "stalls-once",
)
RESTARTED = (
    "breaks-once-without-ranges",
    "breaks-once-without-proof",
    "answers-the-wrong-range",
    "answers-no-such-range",
)
REFUSED = {
    "status-to-404": RejectionReason.NOT_FOUND,
    "status-to-410": RejectionReason.NOT_FOUND,
    "status-to-401": RejectionReason.ACCESS_DENIED,
    "status-to-403": RejectionReason.ACCESS_DENIED,
    "status-to-204": RejectionReason.EMPTY_FILE,
    "status-to-400": RejectionReason.SERVER_ERROR,
    "status-to-405": RejectionReason.SERVER_ERROR,
    "empty": RejectionReason.EMPTY_FILE,
    "endless": RejectionReason.DOWNLOAD_TOO_LARGE,
    "announces-much": RejectionReason.DOWNLOAD_TOO_LARGE,
    "loops": RejectionReason.TOO_MANY_REDIRECTS,
    "redirect-nowhere": RejectionReason.SERVER_ERROR,
    "redirect?to=file:///etc/passwd": RejectionReason.UNSUPPORTED_SCHEME,
    "redirect?to=ftp://127.0.0.1/file": RejectionReason.UNSUPPORTED_SCHEME,
    "redirect?to=http://127.0.0.2/file": RejectionReason.FORBIDDEN_ADDRESS,
    "redirect?to=http://169.254.169.254/latest/meta-data": RejectionReason.FORBIDDEN_ADDRESS,
    "redirect?to=http://0x7f.0.0.2/file": RejectionReason.FORBIDDEN_ADDRESS,
    "redirect?to=http://2130706433/file": RejectionReason.FORBIDDEN_ADDRESS,
}
INTERRUPTED = {
    "status-to-500": RejectionReason.SERVER_ERROR,
    "status-to-503": RejectionReason.SERVER_ERROR,
    "status-to-429": RejectionReason.SERVER_ERROR,
    "partial-unasked": RejectionReason.SERVER_ERROR,
    "always-breaks": RejectionReason.TRUNCATED,
    "hangs-up": RejectionReason.UNREACHABLE,
    "never-sends": RejectionReason.DOWNLOAD_TIMEOUT,
    "drips": RejectionReason.DOWNLOAD_TIMEOUT,
}
UNUSABLE = (
    "file:///etc/passwd",
    "ftp://example.com/a.mp4",
    "data:video/mp4;base64,AA",
    "/a.mp4",
    "http://",
    "",
)


@pytest.fixture(scope="module")
async def running_site() -> AsyncIterator[Site]:
    async with Site().running() as site:
        yield site


@pytest.fixture
def site(running_site: Site) -> Site:
    running_site.forget()
    return running_site


async def fetch(url: str, path: Path, limits: FetchLimits = LIMITS) -> bytes:
    """The content that was written, checked against what the fetcher says about it."""
    fetched = await HttpFetcher(limits).fetch(url, path, lambda share: None)
    content = await asyncio.to_thread(path.read_bytes)
    assert (fetched.size, fetched.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    return content


@pytest.mark.parametrize("page", WHOLE)
async def test_a_file_arrives_whole(site: Site, tmp_path: Path, page: str) -> None:
    assert await fetch(site.url(page), tmp_path / "file") == CONTENT


@pytest.mark.parametrize("page", RESUMED)
async def test_a_broken_transfer_goes_on_where_it_stopped(site: Site, tmp_path: Path, page: str) -> None:
    assert await fetch(site.url(page), tmp_path / "file", SOON) == CONTENT
    start = int((site.ranges[-1] or "").removeprefix("bytes=").removesuffix("-"))
    assert 0 < start <= HALF


@pytest.mark.parametrize("page", RESTARTED)
async def test_a_transfer_that_cannot_go_on_starts_over(site: Site, tmp_path: Path, page: str) -> None:
    assert await fetch(site.url(page), tmp_path / "file") == CONTENT


async def test_content_that_changed_in_between_is_not_mixed(site: Site, tmp_path: Path) -> None:
    assert await fetch(site.url("changes-in-between"), tmp_path / "file") == OTHER_CONTENT


@pytest.mark.parametrize(("page", "reason"), REFUSED.items(), ids=REFUSED.keys())
async def test_what_cannot_be_fetched_is_rejected(
    site: Site, tmp_path: Path, page: str, reason: RejectionReason
) -> None:
    with pytest.raises(Rejected) as caught:
        await fetch(site.url(page), tmp_path / "file")
    assert (caught.value.reason, caught.value.retryable) == (reason, False)
    assert site.visits.get("file") is None


@pytest.mark.parametrize(("page", "reason"), INTERRUPTED.items(), ids=INTERRUPTED.keys())
async def test_what_may_work_later_is_interrupted(
    site: Site, tmp_path: Path, page: str, reason: RejectionReason
) -> None:
    with pytest.raises(Interrupted) as caught:
        await fetch(site.url(page), tmp_path / "file", SOON_AND_SWIFT)
    assert (caught.value.reason, caught.value.retryable) == (reason, True)


async def test_the_whole_try_has_a_limit(site: Site, tmp_path: Path) -> None:
    limits = LIMITS.model_copy(update={"fetch_total_timeout": 0.4})
    with pytest.raises(Interrupted) as caught:
        await fetch(site.url("streams-for-long"), tmp_path / "file", limits)
    assert caught.value.reason is RejectionReason.DOWNLOAD_TIMEOUT


@pytest.mark.parametrize("url", UNUSABLE)
async def test_only_http_addresses_are_fetched(tmp_path: Path, url: str) -> None:
    with pytest.raises(Rejected) as caught:
        await fetch(url, tmp_path / "file")
    assert caught.value.reason is RejectionReason.UNSUPPORTED_SCHEME


async def test_an_address_of_this_machine_is_forbidden_unless_allowed(site: Site, tmp_path: Path) -> None:
    guarded = LIMITS.model_copy(update={"allowed_fetch_networks": ()})
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f000001"):
        with pytest.raises(Rejected) as caught:
            await fetch(site.url("file", host), tmp_path / "file", guarded)
        assert caught.value.reason is RejectionReason.FORBIDDEN_ADDRESS
    assert site.visits == {}
    allowed = guarded.model_copy(update={"allow_loopback_fetch": True})
    assert await fetch(site.url("file"), tmp_path / "file", allowed) == CONTENT


async def test_a_closed_port_is_unreachable_for_now(unused_tcp_port: int, tmp_path: Path) -> None:
    with pytest.raises(Interrupted) as caught:
        await fetch(f"http://127.0.0.1:{unused_tcp_port}/a.mp4", tmp_path / "file")
    assert caught.value.reason is RejectionReason.UNREACHABLE


async def test_a_name_that_does_not_exist_is_unresolvable(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        await fetch("http://no-such-host.invalid/a.mp4", tmp_path / "file")
    assert caught.value.reason is RejectionReason.UNRESOLVABLE_HOST


@asynccontextmanager
async def noting(asked: list[str], answers: Sequence[bytes]) -> AsyncIterator[int]:
    """A server on the port that it gives; it notes each request's target as it came, and answers in turn."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        writer.write(answers[len(asked)])
        asked.append(head.decode().split(" ")[1])
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        (SIGNED, SIGNED),
        ("/a.mp4?sig=%e2%82%ac&at=1+2%20&safe=%7E~", "/a.mp4?sig=%e2%82%ac&at=1+2%20&safe=%7E~"),
        ("/a/../b/./%zz.mp4?x=%", "/a/../b/./%zz.mp4?x=%"),
        ("/a.mp4?sig=a%2Fb#t=10", "/a.mp4?sig=a%2Fb"),
        ("/my answer ü.mp4", "/my%20answer%20%C3%BC.mp4"),
    ],
    ids=["signed", "escaped", "odd", "with a fragment", "not quoted at all"],
)
async def test_an_address_is_asked_for_as_it_is_written(tmp_path: Path, written: str, asked: str) -> None:
    seen: list[str] = []
    async with noting(seen, [HELLO]) as port:
        assert await fetch(f"http://127.0.0.1:{port}{written}", tmp_path / "file") == b"hello"
    assert seen == [asked]


@pytest.mark.parametrize("absolute", [False, True], ids=["on the same server", "with a host"])
async def test_a_redirect_is_followed_as_it_is_written(tmp_path: Path, absolute: bool) -> None:
    seen: list[str] = []
    answers = [b"", HELLO]
    async with noting(seen, answers) as port:
        place = f"http://127.0.0.1:{port}{SIGNED}" if absolute else SIGNED
        answers[0] = f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()
        assert await fetch(f"http://127.0.0.1:{port}/old%28.mp4", tmp_path / "file") == b"hello"
    assert seen == ["/old%28.mp4", SIGNED]


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: close\r\n\r\nhello, and more",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nhello",
        b"220 mail.example.com ESMTP\r\n",
    ],
    ids=["more than announced", "an announcement that is no number", "another protocol"],
)
async def test_what_is_not_http_is_a_server_error(tmp_path: Path, answer: bytes) -> None:
    async def serve(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(Interrupted) as caught:
            await fetch(f"http://127.0.0.1:{port}/a.mp4", tmp_path / "file")
    assert caught.value.reason is RejectionReason.SERVER_ERROR


async def test_progress_rises_to_the_end(site: Site, tmp_path: Path) -> None:
    shares: list[float] = []
    await HttpFetcher(LIMITS).fetch(site.url("file"), tmp_path / "file", shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


async def test_a_detail_names_the_host_but_never_the_query(site: Site, tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        await fetch(site.url("status-to-403?signature=secret"), tmp_path / "file")
    assert "127.0.0.1" in caught.value.message
    assert "secret" not in caught.value.message
