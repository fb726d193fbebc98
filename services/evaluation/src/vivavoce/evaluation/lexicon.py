"""The English words that the local judge looks for, gathered in one place to be read and questioned."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = _words("a an the")
"""Left out everywhere, for speakers of many languages leave them out."""


def phrases(text: str) -> tuple[tuple[str, ...], ...]:
    """One phrase a line, without articles."""
    lines = (line.split() for line in text.strip().splitlines())
    return tuple(tuple(word for word in line if word not in ARTICLES) for line in lines)


FUNCTION_WORDS = _words(
    "a about above after again against all also am an and another any are as at be because been before "
    "being below between both but by can could did do does doing down during each few for from further had "
    "has have having he her here hers him his how however i if in instead into is it its just me more most "
    "my myself no nor not now of off on once only or other our ours out over own same she should so some "
    "such than that the their theirs them then there these they this those through to too under until up "
    "us very was we were what when where whether which while who whom whose why will with within without "
    "would you your yours yourself i'm i've i'd i'll we're we've we'd we'll it's that's there's don't "
    "didn't wasn't weren't isn't aren't couldn't wouldn't can't hadn't hasn't haven't they're you're let's"
)
"""Words that carry grammar rather than matter; about half of fluent English consists of them."""

FILLERS = _words("ah eh er erm hm hmm mhm mm mmm uh uhh uhm um umm")
FILLER_PHRASES = phrases(
    """
    you know
    i mean
    and stuff
    or something
    things like that
    """
)
"""Hedges are no fillers: theirs is the table of the contracts, by which the voice is measured too."""
EMPTY_PHRASES = FILLER_PHRASES + phrases("sort of\nkind of")
"""Two words each that add nothing to what is said, whatever else they count as."""
GENERALITIES = _words(
    "always never everything everybody everyone anybody anything generally usually normally nowadays "
    "definitely obviously constantly passionate perfectionist"
)
GENERALITY_PHRASES = phrases(
    """
    in general
    very important
    is important
    most important
    the key to
    as they say
    people person
    fast learner
    hard working
    work hard
    one hundred percent
    my biggest strength
    my biggest strengths
    i believe
    my best
    good atmosphere
    """
)

NUMBER_WORDS = _words(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred hundreds "
    "thousand thousands million millions billion percent half third quarter dozen dozens twice double "
    "doubled tripled halved"
)
TIME_WORDS = _words(
    "january february march april june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday yesterday week weeks month months year years day days hour "
    "hours minute minutes spring summer autumn winter"
)
TIME_LEADS = _words("last next ago in for after within during every per since later early two three")
"""A time word counts as a detail beside one of these: "last year", "three weeks", "minutes later"."""

IRREGULAR_PASTS = _words(
    "began bought brought broke built called came caught chose cut did dealt drew drove fell felt fought "
    "found gave got grew held heard kept knew laid learnt led left let lost made met paid put ran read "
    "rewrote said sat saw sent set shot showed sold spent split spoke stood taught thought threw told took "
    "understood went withdrew won wore wrote"
)
NO_ACTIONS = _words(
    "liked loved hated needed wanted used watched stayed enjoyed supposed tired married interested"
)
"""Past forms that tell of a state or a pastime rather than of something done about a task."""
ADVERBS_BETWEEN = _words(
    "also then first finally quickly immediately later just only even still therefore already"
)

CAUSES = phrases("because\nsince\ncaused\ncause\nreason\nreasons\ndue to\nthat is why\nthat's why\ncame from")
PURPOSES = phrases("so that\nin order to\nto make sure\nto avoid\nto help\nto find out\nto show\nso i\nso we")
CONTRASTS = phrases(
    "but\nhowever\nalthough\nthough\ninstead\nrather than\neven though\nwhile\nunlike\nwhereas"
)
CONSEQUENCES = phrases(
    "as a result\ntherefore\nso\nwhich meant\nwhich took\nwhich saved\nwhich cut\nled to\nthat way\n"
    "after that\nsince then\nin the end"
)
CONDITIONS = phrases("if\nunless\nwhenever\nin case\nwould have\ndepending on\nthe next time")
LESSONS = phrases(
    "learned\nlearnt\nrealized\nrealised\nnext time\nsince then\nnow i\nnow we\n"
    "would do\nfound out\ntaught me"
)

INJECTIONS = phrases(
    """
    ignore previous instructions
    ignore all previous
    ignore the previous
    ignore your instructions
    ignore the rubric
    disregard previous
    disregard all previous
    system prompt
    as the grader
    as an ai
    you are the judge
    you are a grader
    give me full marks
    give full marks
    give this answer
    score this answer
    maximum score
    highest score
    """
)
"""Ways to speak to a judge instead of the interviewer; they change nothing, and are reported."""
