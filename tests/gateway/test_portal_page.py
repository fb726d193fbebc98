"""The portal's page comes out of the package: open to everyone, strictly guarded, kept while it is true."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.gateway import GatewayBench
from tests.support.shared import ROOT
from vivavoce.gateway.portal.assets import build_site, site

FILES = {"index.html": b'<script src="portal/@version@/app.js"></script>', "app.js": b"start()"}
SAID_BY_TEXTS = {"http://www.w3.org/2000/svg", "https://"}


def source(name: str) -> str:
    return site().assets[name].content.decode()


async def test_the_page_is_open_to_everyone_and_lets_nothing_in_from_elsewhere(gateway: GatewayBench) -> None:
    async with gateway.caller() as anyone:
        page = await anyone.get("/portal")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert page.headers["x-frame-options"] == "DENY"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"


async def test_the_page_has_no_script_or_style_inside_and_loads_what_there_is(gateway: GatewayBench) -> None:
    async with gateway.caller() as anyone:
        page = (await anyone.get("/portal")).text
        asked = re.findall(r'(?:src|href)="(portal/[^"]+)"', page)
        answers = [await anyone.get(f"/{path}") for path in asked]
    assert len(answers) >= 4
    assert [answer.status_code for answer in answers] == [200] * len(answers)
    assert "<style" not in page
    assert re.findall(r"<script[^>]*>([^<]*)</script>", page) == [""]
    assert not re.search(r"\son\w+=|style=", page)


async def test_a_file_is_kept_under_its_version_and_asked_for_under_another(gateway: GatewayBench) -> None:
    async with gateway.caller() as anyone:
        kept = await anyone.get(f"/portal/{site().version}/app.js")
        older = await anyone.get("/portal/0123456789abcdef/app.js")
    assert kept.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert older.headers["cache-control"] == "no-cache"
    assert kept.content == older.content
    assert kept.headers["content-type"].startswith("text/javascript")


async def test_a_page_that_has_not_changed_is_not_sent_again(gateway: GatewayBench) -> None:
    async with gateway.caller() as anyone:
        first = await anyone.get("/portal")
        again = await anyone.get("/portal", headers={"If-None-Match": first.headers["etag"]})
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("name", ["nothing.js", "index.html", "..%2Fendpoints.py", "views"])
async def test_only_the_pages_files_are_served(gateway: GatewayBench, name: str) -> None:
    async with gateway.caller() as anyone:
        assert (await anyone.get(f"/portal/{site().version}/{name}")).status_code == 404


def test_a_changed_file_changes_the_version_that_the_page_asks_for() -> None:
    before, after = build_site(FILES), build_site({**FILES, "app.js": b"begin()"})
    assert before.version != after.version
    assert before.version.encode() in before.page.content
    assert before.page.digest != after.page.digest


def test_every_module_imports_what_exists() -> None:
    for name in (name for name in site().assets if name.endswith(".js")):
        for target in re.findall(r'^import .* from "(.+)";$', source(name), re.MULTILINE):
            path = (Path("/") / name).parent.joinpath(target).as_posix()
            resolved = Path(re.sub(r"/[^/]+/\.\./", "/", path)).as_posix().lstrip("/")
            assert resolved in site().assets, f"{name} imports {target}"


def test_nothing_of_the_page_names_another_host_or_makes_markup_of_texts() -> None:
    for name, asset in site().assets.items():
        text = asset.content.decode()
        assert set(re.findall(r"https?://[\w./]*", text)) <= SAID_BY_TEXTS, name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(", text), name


def test_the_gateways_wheel_carries_the_page(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT / "services" / "gateway", check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = "vivavoce/gateway/portal/page/"
    names = {
        name.removeprefix(inside) for name in zipfile.ZipFile(wheel).namelist() if name.startswith(inside)
    }
    assert names == {*site().assets, "index.html"}
