"""What the demo's candidate says, and where she looks, answer by answer."""

from dataclasses import dataclass

GOOD_QUESTION = "Tell us about a time when you found out why a system was slow, and what you did about it."
RAMBLING_QUESTION = "How do you make sure that a change to a database does not lose any data?"


@dataclass(frozen=True)
class Answer:
    """One recorded answer: `away` are the spans in seconds in which the candidate looks aside."""

    name: str
    question_id: str
    question: str
    sentences: tuple[str, ...]
    away: tuple[tuple[float, float], ...] = ()


GOOD = Answer(
    name="good",
    question_id="q1",
    question=GOOD_QUESTION,
    sentences=(
        "Last year our nightly billing report became slow, and it took five hours instead of one.",
        "I was responsible for finding the cause.",
        "First, I measured every step, and I saw that ninety percent of the time was one database query.",
        "It read the whole orders table for each customer, because an index was missing.",
        "So I reproduced the problem on a copy of the data, and I added the index.",
        "I also wrote a test that counts the rows that the query reads.",
        "Then I explained the change to my team, and we released it step by step.",
        "As a result, the report finished in twenty minutes, and complaints from customers fell to zero.",
        "I learned to measure first, and to keep such a test in the build, so that the system stays fast.",
    ),
)

RAMBLING = Answer(
    name="rambling",
    question_id="q2",
    question=RAMBLING_QUESTION,
    sentences=(
        "Um, well, you know, that is, uh, kind of a good question, I guess.",
        "I mean, people, like, say a lot of things, and, um, it sort of depends.",
        "Uh, yesterday I was at the market, and, you know, the weather was, like, really nice.",
        "My cousin has a dog, and, um, it likes to run around, I think, or maybe it does not.",
        "Anyway, uh, stuff happens, basically, and, you know, things are things.",
        "Um, what was I saying? I am not sure, honestly, it is, like, whatever.",
        "Perhaps, uh, I would just, kind of, wait and see, I suppose.",
    ),
    away=((8.0, 19.5), (24.0, 30.0)),
)

ANSWERS = (GOOD, RAMBLING)
POSITION = {
    "id": "demo-engineer",
    "title": "Data engineer",
    "competencyWeights": {"problem solving": 50, "technical knowledge": 30, "communication": 20},
}
