"""What may be wished for an endpoint: rules that say field by field what is wrong, without a database."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from vivavoce.chassis.errors import FieldProblem, InvalidInput
from vivavoce.contracts import PUBLIC_FACTS, WebhookOptions
from vivavoce.contracts import webhook_limits as limits
from vivavoce.notifier import filters


def check(url: str, events: tuple[str, ...], options: WebhookOptions) -> None:
    """Return when an endpoint may be like this; raises InvalidInput with the fields."""
    problems = problems_of(url, events, options)
    if problems:
        raise InvalidInput("The webhook can't be like this: see the fields.", problems=problems)


def problems_of(url: str, events: tuple[str, ...], options: WebhookOptions) -> tuple[FieldProblem, ...]:
    """What is wrong with the wish, field by field, by the names of the contracts."""
    unknown = tuple(_problems_of_events(events))
    filtered = () if unknown else filters.problems_of(options.filter, events)
    return (*_problems_of_url(url), *unknown, *_problems_of_options(options), *filtered)


def _problems_of_url(url: str) -> Iterator[FieldProblem]:
    if len(url) > limits.LONGEST_URL:
        yield FieldProblem("url", f"give at most {limits.LONGEST_URL} characters")
    elif not _is_web_address(url):
        yield FieldProblem("url", "give an absolute http:// or https:// address")


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def _problems_of_events(events: tuple[str, ...]) -> Iterator[FieldProblem]:
    if not events:
        yield FieldProblem("events", f"name at least one of {', '.join(PUBLIC_FACTS)}")
    for position, event in enumerate(events):
        if event not in PUBLIC_FACTS:
            yield FieldProblem(f"events.{position}", f"{event!r} is not one of {', '.join(PUBLIC_FACTS)}")


def _problems_of_options(options: WebhookOptions) -> Iterator[FieldProblem]:
    if len(options.description) > limits.LONGEST_DESCRIPTION:
        yield FieldProblem("description", f"give at most {limits.LONGEST_DESCRIPTION} characters")
    if options.retry_delays is not None:
        yield from _problems_of_delays(options.retry_delays)
    rate, at_once = options.rate_limit, options.concurrency
    if rate is not None and not limits.SLOWEST_RATE <= rate <= limits.FASTEST_RATE:
        yield FieldProblem(
            "rate_limit", f"give {limits.SLOWEST_RATE} to {limits.FASTEST_RATE:.0f} attempts per second"
        )
    if at_once is not None and not 1 <= at_once <= limits.MOST_AT_ONCE:
        yield FieldProblem("concurrency", f"give 1 to {limits.MOST_AT_ONCE} attempts at once")


def _problems_of_delays(delays: tuple[int, ...]) -> Iterator[FieldProblem]:
    if not 1 <= len(delays) <= limits.MOST_RETRIES:
        yield FieldProblem("retry_delays", f"give 1 to {limits.MOST_RETRIES} delays")
        return
    for position, delay in enumerate(delays):
        if not limits.SHORTEST_RETRY_DELAY <= delay <= limits.LONGEST_RETRY_DELAY:
            where = f"{limits.SHORTEST_RETRY_DELAY} to {limits.LONGEST_RETRY_DELAY}"
            yield FieldProblem(f"retry_delays.{position}", f"give {where} seconds")
    if sum(delays) > limits.LONGEST_RETRY_TIME:
        yield FieldProblem("retry_delays", "give delays that are 30 days together at most")
