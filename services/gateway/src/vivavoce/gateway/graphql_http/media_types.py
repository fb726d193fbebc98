"""Which media type a caller is answered in, and whether a body can be read, by what the headers say."""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

from vivavoce.gateway.graphql_http.refusals import NotAcceptable, UnsupportedMediaType

GRAPHQL = "application/graphql-response+json"
JSON = "application/json"
EVENTS = "text/event-stream"
HTML = "text/html"
ANY = "*/*"
UTF8 = frozenset({"utf-8", "utf8"})


@dataclass(frozen=True)
class Range:
    """One media range of an Accept header (RFC 9110, 12.5.1)."""

    media_type: str
    quality: float

    def covers(self, media_type: str) -> bool:
        """Whether a media type is within the range."""
        kind = media_type.partition("/")[0]
        return self.media_type in {media_type, f"{kind}/*", ANY}


def answer_type(accept: str | None) -> str:
    """The media type of the answer; raises NotAcceptable.

    A caller that takes anything gets JSON, as the specification of GraphQL over HTTP wants it. An event
    stream or a page is only for callers that name it.
    """
    ranges = _ranges(accept) if accept else [Range(ANY, 1.0)]
    for each in ranges:
        if each.media_type in {EVENTS, GRAPHQL, JSON}:
            return each.media_type
        if each.covers(JSON):
            return JSON
    raise NotAcceptable(f"Answers are {GRAPHQL}, {JSON} or, as a stream, {EVENTS}: name one in Accept.")


def wants_page(accept: str | None) -> bool:
    """Whether a page is what the caller would rather have than data, as browsers say."""
    ranges = _ranges(accept) if accept else []
    return bool(ranges) and ranges[0].media_type == HTML


def check_body_type(content_type: str | None) -> None:
    """Return if a body of this Content-Type is read here; raises UnsupportedMediaType."""
    header = _parsed(content_type or "")
    if not content_type or header.get_content_type() != JSON:
        raise UnsupportedMediaType(f"Send the request as {JSON}.")
    if (header.get_content_charset() or "utf-8") not in UTF8:
        raise UnsupportedMediaType("Send the request in UTF-8.")


def _ranges(accept: str) -> list[Range]:
    """The ranges that the caller takes, the most wanted first; equals stay in their order."""
    return sorted(_each_range(accept), key=lambda each: -each.quality)


def _each_range(accept: str) -> Iterator[Range]:
    for part in accept.split(","):
        header = _parsed(part)
        charset = header.get_content_charset() or "utf-8"
        try:
            quality = float(str(header.get_param("q", "1")))
        except ValueError:
            continue
        if quality > 0 and charset in UTF8:
            yield Range(part.partition(";")[0].strip().lower(), quality)


def _parsed(value: str) -> Message:
    header = Message()
    header["Content-Type"] = value.replace("\r", " ").replace("\n", " ")
    return header
