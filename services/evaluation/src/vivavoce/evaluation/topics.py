"""What answers to common interview questions talk about, for questions that don't name it themselves.

A question such as "describe a difficult problem" shares hardly a word with a good answer to it. So
each common topic has a few questions that ask for it and statements that answers to it resemble.
Only the likeness in meaning to these is used; no wording is rewarded.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Topic:
    """Ways to ask for one thing, and statements that people make when they answer."""

    questions: tuple[str, ...]
    statements: tuple[str, ...]


TOPICS = (
    Topic(
        (
            "Tell me about a conflict or disagreement with a colleague.",
            "How do you handle conflict at work?",
        ),
        (
            "We had different opinions and I listened to their reasons before I explained mine.",
            "We talked about it, compared the options and agreed on a compromise.",
            "My colleague wanted one thing and I wanted another.",
        ),
    ),
    Topic(
        (
            "Describe a difficult technical problem that you solved.",
            "Tell me about a challenging bug that you fixed.",
        ),
        (
            "The system was slow or broke down, and I looked for the cause in the logs and measurements.",
            "I found the bug in the code and rewrote that part so that the error disappeared.",
            "The database, the server or the network was the bottleneck, and I changed its design.",
            "I added tests and monitoring so that the failure would not come back.",
        ),
    ),
    Topic(
        (
            "Tell me about a problem at work that you solved.",
            "Describe a challenge that you faced and how you overcame it.",
        ),
        (
            "There was a problem at work, I looked for the reason and tried out a solution.",
            "The process did not work well, so I changed it and the results became better.",
            "It was hard at first, but I found a way and we reached the goal.",
        ),
    ),
    Topic(
        (
            "Give an example of how you led a team.",
            "Tell me about your leadership experience.",
            "Describe how you managed a change in your team.",
        ),
        (
            "I led a group of people, shared out the work and helped them with their difficulties.",
            "I introduced something new at work and trained my colleagues until everybody could use it.",
            "I asked the team for their worries and held short meetings about our progress.",
        ),
    ),
    Topic(
        (
            "How do you deal with an angry or difficult customer?",
            "Tell me about a time you helped a customer.",
        ),
        (
            "The customer was upset, so I listened, apologized and offered a solution.",
            "I called the client, explained what had happened and gave a refund or a replacement.",
            "In the end the customer was satisfied and came back.",
        ),
    ),
    Topic(
        (
            "Tell me about a time you had to meet a tight deadline.",
            "How do you prioritize and manage your time?",
        ),
        (
            "We had only a few days left to finish, so I made a plan and decided what mattered most.",
            "I divided the tasks among us and checked our progress every day.",
            "We delivered the work on time.",
        ),
    ),
    Topic(
        (
            "Tell me about a mistake or failure and what you learned from it.",
            "Describe a time you failed.",
        ),
        (
            "I did something wrong at work, noticed it and told my manager at once.",
            "I apologized, corrected the error and explained how it had happened.",
            "Since then I check my work with a list, so that it does not happen again.",
        ),
    ),
    Topic(
        (
            "Why do you want to work for our company?",
            "What interests you in this position?",
            "What motivates you?",
        ),
        (
            "I know your products and what your company does, and I would like to work on them.",
            "The job description fits my experience and what I studied.",
            "I want to work here because I can use and extend my skills.",
        ),
    ),
    Topic(
        (
            "Tell me about yourself.",
            "Walk me through your resume.",
            "What is your background?",
        ),
        (
            "I studied at university and then worked for some years in my profession.",
            "In my current job I am responsible for projects, customers or a team.",
            "My experience and skills are in this field, and now I am looking for the next step.",
        ),
    ),
    Topic(
        (
            "What are your greatest strengths and weaknesses?",
            "How would colleagues describe you?",
        ),
        (
            "I am good at this kind of work, and my colleagues ask me for help with it.",
            "My weakness is a habit that I work on, and I have found a way to deal with it.",
        ),
    ),
    Topic(
        (
            "Tell me about a project that you are proud of.",
            "What is your greatest achievement?",
        ),
        (
            "I worked on a project, designed and built it, and people use it today.",
            "I finished it successfully, and it saved money or time or won new customers.",
        ),
    ),
    Topic(
        (
            "Tell me about a time you worked in a team.",
            "How do you work with other people?",
        ),
        (
            "We worked together as a team, and each of us had a part of the task.",
            "I helped a colleague who was behind, and we shared what we knew.",
        ),
    ),
    Topic(
        (
            "Tell me about a time you had to learn something new quickly.",
            "How do you keep your knowledge up to date?",
        ),
        (
            "I did not know the subject, so I read, took a course and practised on a small project.",
            "I asked experienced colleagues, and after some weeks I could use it at work.",
        ),
    ),
    Topic(
        (
            "Where do you see yourself in five years?",
            "What are your career goals?",
        ),
        (
            "In some years I would like to have more responsibility and deeper knowledge of my field.",
            "My plan is to learn from this position and then to lead projects.",
        ),
    ),
)
