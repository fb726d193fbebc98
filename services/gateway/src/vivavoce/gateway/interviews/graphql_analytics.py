"""Analytics in GraphQL: types over the counts of days, and a resolver that only hands on."""

from datetime import UTC, date, datetime, time

import strawberry

from vivavoce.contracts import InterviewStatus, RiskBand
from vivavoce.gateway.auth.principals import Permission
from vivavoce.gateway.graphql_context import Info
from vivavoce.gateway.graphql_permissions import requires
from vivavoce.gateway.interviews import analytics
from vivavoce.gateway.interviews.analytics import TIME_BOUNDS, Counts, Days


@strawberry.input(
    name="TimeRange",
    description="From start until before end. Counts are kept by day in UTC: each day that the span touches "
    "is taken as a whole.",
)
class TimeRange:
    """A span of time."""

    start: datetime = strawberry.field(description="With an offset from UTC.")
    end: datetime = strawberry.field(description="Later than start, with an offset from UTC.")


@strawberry.type(name="ReasonCount", description="How often answers got no score for a reason.")
class ReasonCountType:
    """A reason and its count."""

    reason: str = strawberry.field(description="A machine-readable reason, as answers have it.")
    count: int = strawberry.field(description="Answers.")


@strawberry.type(name="BandCount", description="How many interviews ended with a risk band.")
class BandCountType:
    """A band and its count."""

    band: RiskBand = strawberry.field(description="The interview's risk band.")
    count: int = strawberry.field(description="Interviews.")


@strawberry.type(name="DurationBin", description="Interviews by how long they took.")
class DurationBinType:
    """One bin of a histogram of times."""

    up_to_seconds: float | None = strawberry.field(description="Its upper bound; null for the last one.")
    count: int = strawberry.field(description="Interviews.")


@strawberry.type(name="CompetencyStatistics", description="A competency over all interviews that ended.")
class CompetencyStatisticsType:
    """A competency's mean and counts."""

    name: str = strawberry.field(description="As the positions call it.")
    average_score: float | None = strawberry.field(description="0 to 100; null when none has a score.")
    scored: int = strawberry.field(description="Interviews with a score for it.")
    unscored: int = strawberry.field(description="Interviews that nothing spoke to it in.")


@strawberry.type(
    name="AnalyticsTotals",
    description="What was counted. Submissions count on the day of their submission, ends on the day of "
    "their end; scores are the machine's at that end.",
)
class AnalyticsTotalsType:
    """The counts of a day or of several, with means and rates; null of nothing."""

    submitted: int = strawberry.field(description="Interviews submitted.")
    ended: int = strawberry.field(description="Interviews ended, however.")
    completed: int = strawberry.field(description="Ended with every answer scored.")
    partial: int = strawberry.field(description="Ended with some answers scored.")
    failed: int = strawberry.field(description="Ended with no answer scored.")
    completion_rate: float | None = strawberry.field(description="completed of ended, 0 to 1.")
    failure_rate: float | None = strawberry.field(description="failed of ended, 0 to 1.")
    answers: int = strawberry.field(description="Answers of the interviews that ended.")
    null_reasons: list[ReasonCountType] = strawberry.field(description="Why answers have no score, by count.")
    scored: int = strawberry.field(description="Interviews with an overall score.")
    average_score: float | None = strawberry.field(description="The mean overall score.")
    score_deviation: float | None = strawberry.field(description="The standard deviation of overall scores.")
    score_histogram: list[int] = strawberry.field(
        description="Interviews by overall score in ten bins of ten points; 100 is in the last."
    )
    integrity: list[BandCountType] = strawberry.field(description="Interviews by risk band.")
    average_seconds_to_end: float | None = strawberry.field(description="From submission to end.")
    seconds_to_end_histogram: list[DurationBinType] = strawberry.field(description="From submission to end.")
    competencies: list[CompetencyStatisticsType] = strawberry.field(description="By name; at most 50.")


@strawberry.type(name="AnalyticsDay", description="One day in UTC.")
class AnalyticsDayType:
    """A day and its totals."""

    day: date = strawberry.field(description="The day in UTC.")
    totals: AnalyticsTotalsType = strawberry.field(description="All zero on a day with nothing.")


async def resolve_previous(root: "AnalyticsDataType", info: Info) -> AnalyticsTotalsType:
    """The totals of as many days right before."""
    found = await info.context.days.between(info.context.principal.organization_id, root.covered.before())
    return totals_type(analytics.added(list(found.values())))


@strawberry.type(name="AnalyticsData", description="An organization's interviews in a span of days.")
class AnalyticsDataType:
    """Totals and a series by day."""

    covered: strawberry.Private[Days]
    start: datetime = strawberry.field(description="The beginning of the first day that is counted.")
    end: datetime = strawberry.field(description="The end of the last day that is counted.")
    totals: AnalyticsTotalsType = strawberry.field(description="Of all days together.")
    days: list[AnalyticsDayType] = strawberry.field(description="Every day of the span, earliest first.")
    previous: AnalyticsTotalsType = strawberry.field(
        resolver=resolve_previous, description="Of as many days right before, to compare with."
    )


async def resolve_analytics(info: Info, time_range: TimeRange) -> AnalyticsDataType:
    """The counts of the days that a span touches."""
    days = analytics.days_between(time_range.start, time_range.end, info.context.longest_analytics)
    found = await info.context.days.between(info.context.principal.organization_id, days)
    return analytics_type(days, found)


def analytics_type(days: Days, found: dict[str, Counts]) -> AnalyticsDataType:
    """The counts of days as GraphQL shows them."""
    return AnalyticsDataType(
        covered=days,
        start=datetime.combine(days.first, time(), UTC),
        end=datetime.combine(days.last, time(), UTC) + analytics.DAY,
        totals=totals_type(analytics.added(list(found.values()))),
        days=[
            AnalyticsDayType(day=day, totals=totals_type(found.get(day.isoformat(), Counts())))
            for day in days.each()
        ],
    )


def totals_type(counts: Counts) -> AnalyticsTotalsType:
    """Counts with their means and rates."""
    endings = counts.endings
    return AnalyticsTotalsType(
        submitted=counts.submitted,
        ended=counts.ended,
        completed=endings.get(InterviewStatus.COMPLETED.value, 0),
        partial=endings.get(InterviewStatus.PARTIAL.value, 0),
        failed=endings.get(InterviewStatus.FAILED.value, 0),
        completion_rate=analytics.rate(counts, InterviewStatus.COMPLETED),
        failure_rate=analytics.rate(counts, InterviewStatus.FAILED),
        answers=counts.answers,
        null_reasons=_reasons(counts),
        scored=counts.scores.count,
        average_score=analytics.mean(counts.scores),
        score_deviation=analytics.deviation(counts.scores),
        score_histogram=analytics.binned(counts.scores, analytics.BINS),
        integrity=[BandCountType(band=band, count=counts.bands.get(band.value, 0)) for band in RiskBand],
        average_seconds_to_end=analytics.mean(counts.seconds),
        seconds_to_end_histogram=_durations(counts),
        competencies=_competencies(counts),
    )


def _reasons(counts: Counts) -> list[ReasonCountType]:
    most_first = sorted(counts.reasons.items(), key=lambda each: (-each[1], each[0]))
    return [ReasonCountType(reason=reason, count=count) for reason, count in most_first]


def _durations(counts: Counts) -> list[DurationBinType]:
    bounds = (*TIME_BOUNDS, None)
    bins = analytics.binned(counts.seconds, len(bounds))
    return [
        DurationBinType(up_to_seconds=bound, count=count) for bound, count in zip(bounds, bins, strict=True)
    ]


def _competencies(counts: Counts) -> list[CompetencyStatisticsType]:
    return [
        CompetencyStatisticsType(
            name=each.name,
            average_score=analytics.mean(each.scores),
            scored=each.scores.count,
            unscored=each.unscored,
        )
        for each in sorted(counts.competencies, key=lambda each: each.name)
    ]


@strawberry.type
class AnalyticsQueries:
    """What can be asked about many interviews at once."""

    analytics: AnalyticsDataType = strawberry.field(
        resolver=resolve_analytics,
        description="The organization's interviews by day, from counts that are kept as facts come.",
        extensions=[requires(Permission.ANALYTICS)],
    )
