"""What tells the parts of a story and of an explanation, gathered in one place to be questioned."""

from vivavoce.evaluation.lexicon import phrases

SITUATION_CUES = phrases(
    """
    when i
    when we
    when our
    when my
    at my
    in my
    at our
    in our
    my team
    our team
    our biggest
    last year
    years ago
    months ago
    there was
    there were
    at the time
    at university
    for example
    for instance
    once i
    i was responsible
    i worked
    i work
    i studied
    i'm in my
    one day
    one morning
    one evening
    one night
    that morning
    that evening
    that day
    as student
    as trainee
    """
)
TASK_CUES = phrases(
    """
    had to
    needed to
    was responsible
    were responsible
    my task
    my job
    my role
    our goal
    my goal
    the goal
    wanted to
    was asked
    the problem
    the problem was
    in order to
    so that
    decided to
    instead of
    was worried
    were worried
    the trouble
    the trouble was
    complained
    it turned out
    had no
    didn't work
    did not work
    was broken
    was missing
    was late
    """
)
RESULT_CUES = phrases(
    """
    as a result
    in the end
    at the end
    after that
    since then
    finally
    eventually
    therefore
    result
    results
    outcome
    reduced
    increased
    improved
    decreased
    dropped
    fell
    grew
    saved
    finished
    delivered
    solved
    fixed
    achieved
    disappeared
    succeeded
    successful
    satisfied
    learned
    worked well
    agreed
    faster than
    better than
    better
    faster
    went down
    went up
    came back
    afterwards
    ever since
    from then on
    until today
    today we
    """
)
DEFINITION_CUES = phrases(
    """
    means
    is when
    refers to
    is technique
    is way
    consists of
    is called
    are called
    works by
    is used
    which is
    really is
    really do
    that's when
    it's when
    """
)
EXAMPLE_CUES = phrases(
    """
    for example
    for instance
    such as
    imagine
    let's say
    in my
    at my
    we had
    i built
    let us say
    once in
    i once
    the classic is
    last year
    last week
    """
)
STEP_CUES = phrases(
    """
    first
    firstly
    then i
    then i'd
    next
    after that
    before that
    only then
    only after that
    finally
    again on
    i start
    i'd start
    i begin
    """
)
LIMIT_CUES = phrases(
    """
    however
    the difficult part
    the downside
    the drawback
    the disadvantage
    trade off
    tradeoff
    depends on
    would not
    wouldn't
    should not
    shouldn't
    unless
    be careful
    but you
    but it
    but if
    only if
    if not
    if it's really
    even if
    otherwise
    not always
    nearly always
    nearly never
    doesn't mean
    proves nothing
    """
)
