"""What people say who show a competency, and the names under which positions ask for it.

The names cover English and, where customers use them, Turkish, German, Spanish and French. A name that
is not here is compared as it is written.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Term:
    """A competency: its names in small letters, and statements that show it."""

    names: tuple[str, ...]
    statements: tuple[str, ...]


TERMS = (
    Term(
        ("communication", "communication skills", "iletişim", "kommunikation", "comunicación"),
        (
            "I explained it in simple words, listened to the others and made sure that everybody understood.",
            "I told my manager and the client openly what had happened and what I would do.",
            "I sat down with the people concerned, asked what they thought and listened to them.",
        ),
    ),
    Term(
        ("teamwork", "collaboration", "team player", "takım çalışması", "ekip çalışması", "teamarbeit",
         "trabajo en equipo", "travail d'équipe"),
        (
            "We worked together as a team and helped each other with our parts of the task.",
            "My colleague and I shared our ideas and found a solution together.",
        ),
    ),
    Term(
        ("leadership", "liderlik", "führung", "liderazgo", "people management", "team leadership"),
        (
            "I led a team, shared out the work and helped people to do their best.",
            "I took responsibility for the group and convinced them of a new way.",
            "I introduced a change among the staff and won over those who were against it.",
        ),
    ),
    Term(
        ("problem solving", "problem çözme", "analytical thinking", "analitik düşünme",
         "problemlösung", "resolución de problemas", "critical thinking"),
        (
            "I looked for the cause of the problem, compared possible solutions and fixed it.",
            "I collected data to find out why it failed, and then changed it so that it worked.",
            "It went wrong again and again, so I looked closely at how and tried another way.",
        ),
    ),
    Term(
        ("time management", "planning", "organization", "zaman yönetimi", "planlama", "organisation",
         "zeitmanagement", "gestión del tiempo"),
        (
            "I made a plan, set priorities and finished on time.",
            "We divided the tasks, checked our progress every day and met the deadline.",
        ),
    ),
    Term(
        ("customer focus", "customer service", "müşteri odaklılık", "kundenorientierung",
         "orientación al cliente", "client focus"),
        (
            "I listened to the customer, apologized and solved their problem.",
            "The guest was satisfied and came back because I found what they needed.",
        ),
    ),
    Term(
        ("adaptability", "flexibility", "uyum sağlama", "esneklik", "flexibilität", "adaptabilidad"),
        (
            "The situation changed, so I changed my plan and learned to work in a new way.",
            "I got used to the new tools and helped others with the change.",
            "It could not be done as planned, so we found another way on the same day.",
        ),
    ),
    Term(
        ("learning", "willingness to learn", "öğrenme", "learning agility", "continuous learning",
         "lernbereitschaft"),
        (
            "I didn't know it, so I read, asked and practised until I could do it.",
            "I learned from what went wrong, and I do it differently now.",
        ),
    ),
    Term(
        ("accountability", "responsibility", "ownership", "sorumluluk", "verantwortung", "responsabilidad"),
        (
            "I took responsibility, told my manager about my mistake and corrected it.",
            "I was responsible for it and made sure that it got done.",
        ),
    ),
    Term(
        ("creativity", "innovation", "yaratıcılık", "yenilikçilik", "kreativität", "creatividad"),
        (
            "I had a new idea that nobody had tried, and built a first version to show it.",
            "I combined two approaches into a better way of doing it.",
        ),
    ),
    Term(
        ("motivation", "motivasyon", "motivación", "drive", "initiative", "inisiyatif"),
        (
            "I want to do this work because I care about it and have prepared for it.",
            "I started it on my own, without being asked.",
        ),
    ),
    Term(
        ("technical knowledge", "technical skills", "teknik bilgi", "teknik beceri", "software engineering",
         "programming", "coding", "system design", "yazılım geliştirme"),
        (
            "I designed the system, wrote the code, and tested and measured it.",
            "The database, the server and the cache work together in this way.",
        ),
    ),
    Term(
        ("negotiation", "persuasion", "müzakere", "ikna", "sales", "satış", "verhandlung"),
        (
            "I asked what they needed, made an offer and we agreed on terms that were good for both.",
            "I convinced the client with facts and closed the deal.",
        ),
    ),
    Term(
        ("stress management", "resilience", "stres yönetimi", "dayanıklılık", "belastbarkeit"),
        (
            "It was a hard time, but I stayed calm and did one thing after the other.",
            "After it failed I tried again in another way.",
        ),
    ),
)  # fmt: skip


def statements_for(name: str) -> tuple[str, ...]:
    """What stands for a competency of this name: its statements, or the name as it is written."""
    term = _find(name)
    if term is not None:
        return term.statements
    return (name.strip(),) if name.strip() else ()


def is_known(name: str) -> bool:
    """Whether there are statements for a competency of this name."""
    return _find(name) is not None


def _find(name: str) -> Term | None:
    wanted = _plain(name)
    return next((term for term in TERMS if wanted in map(_plain, term.names)), None)


def _plain(name: str) -> str:
    """The words of a name, however they are joined: "Problem_solving", "problem-solving"."""
    return " ".join(name.replace("İ", "i").replace("_", " ").replace("-", " ").lower().split())
