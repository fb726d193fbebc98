"""The page's files out of the package: what the browser is given, and under which name it may keep it."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

INDEX = "index.html"
VERSION_MARK = b"@version@"
VERSION_LENGTH = 16
TYPES = {".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class Asset:
    """One file: its bytes, its media type, and the digest by which a copy of it is recognized."""

    content: bytes
    media_type: str
    digest: str


@dataclass(frozen=True)
class Site:
    """The page and what it loads. `version` changes whenever any file does and is part of their paths."""

    version: str
    page: Asset
    assets: Mapping[str, Asset]


@cache
def site() -> Site:
    """The site as it was built into this package."""
    folder = files("vivavoce.gateway.portal") / "page"
    return build_site(dict(_read(folder, "")))


def build_site(contents: Mapping[str, bytes]) -> Site:
    """A site of files by their paths; the page learns under which version to ask for the others."""
    whole = hashlib.sha256()
    for name in sorted(contents):
        whole.update(name.encode() + b"\0" + contents[name] + b"\0")
    version = whole.hexdigest()[:VERSION_LENGTH]
    page = contents[INDEX].replace(VERSION_MARK, version.encode())
    assets = {name: _asset(name, content) for name, content in contents.items() if name != INDEX}
    return Site(version, _asset(INDEX, page), assets)


def _asset(name: str, content: bytes) -> Asset:
    suffix = name[name.rfind(".") :]
    return Asset(content, TYPES[suffix], hashlib.sha256(content).hexdigest()[:VERSION_LENGTH])


def _read(folder: Traversable, prefix: str) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _read(entry, f"{prefix}{entry.name}/")
        else:
            yield prefix + entry.name, entry.read_bytes()
