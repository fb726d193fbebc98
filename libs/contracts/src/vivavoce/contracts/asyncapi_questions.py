"""What AsyncAPI says of questions that a caller waits for: where they are asked, and what comes back."""

from collections.abc import Iterable
from typing import Any

from vivavoce.contracts.asking import AskFailed, Question
from vivavoce.contracts.asyncapi_parts import Parts, channel, headers, payload, payload_schemas, reference
from vivavoce.contracts.fact import Value
from vivavoce.contracts.registry import REQUESTS
from vivavoce.contracts.topics import REPLY_TOPIC, Topic, all_topics

ASKER = REPLY_TOPIC.partition(".")[0]
FAILED = "ask.failed"
ASKED = {
    "ask_id": "What the reply repeats, so that the asker knows it.",
    "ask_reply_topic": f"Where the reply goes: `{REPLY_TOPIC}`.",
    "ask_reply_partition": "The partition that the asking process listens on.",
    "ask_deadline": "A question that is older than this is dropped unanswered.",
}
ACTOR = {"ask_actor": "Who had it asked, as JSON."}
CORRELATION = {"location": "$message.header#/ask_id"}


def question_parts() -> Parts:
    """Request and reply channels, each question as an operation of its asker and of its answerer."""
    topics = {topic.name: topic for topic in all_topics()}
    questions = list(REQUESTS.values())
    asked_in = sorted({question.topic for question in questions})
    channels = {name: _requests(topics[name], questions) for name in asked_in}
    replies = {reply_name(question): reply_name(question) for question in questions} | {FAILED: FAILED}
    told = "Replies, to the partition that the asking process listens on."
    return Parts(
        channels={**channels, REPLY_TOPIC: channel(topics[REPLY_TOPIC], told, replies)},
        operations=dict(each for question in questions for each in _operations(question)),
        messages={
            **{question.type: _question(question) for question in questions},
            **{reply_name(question): _reply(reply_name(question), question.reply) for question in questions},
            FAILED: _reply(FAILED, AskFailed),
        },
        schemas={
            "questionHeaders": headers(ASKED, ACTOR),
            "replyHeaders": headers({"ask_id": "The question's."}),
            **payload_schemas((*questions, *(question.reply for question in questions), AskFailed)),
        },
    )


def reply_name(question: type[Question]) -> str:
    """The CloudEvents type of a question's reply."""
    return f"{question.type}.reply"


def answering_service(question: type[Question]) -> str:
    """Who answers a question: its topic is named after the service."""
    return question.topic.partition(".")[0]


def _requests(topic: Topic, questions: Iterable[type[Question]]) -> dict[str, Any]:
    asked = {each.type: each.type for each in questions if each.topic == topic.name}
    return channel(topic, "Questions that a caller waits for.", asked)


def _operations(question: type[Question]) -> list[tuple[str, dict[str, Any]]]:
    service = answering_service(question)
    group = {"type": "string", "const": f"{service}.answers"}
    told = {
        **reference(question.topic, question.type),
        "reply": reference(REPLY_TOPIC, reply_name(question), FAILED),
    }
    summary = (question.__doc__ or "").splitlines()[0]
    asking = {"action": "send", "summary": summary, **told}
    answering = {"action": "receive", "summary": summary, **told, "bindings": {"kafka": {"groupId": group}}}
    return [
        (f"{ASKER}.ask.{question.type}", asking),
        (f"{service}.answers.{question.type}", answering),
    ]


def _question(question: type[Question]) -> dict[str, Any]:
    summary = (question.__doc__ or "").splitlines()[0]
    key = {"type": "string", "description": f"`{question.key_field}`"}
    return {
        **_message(question.type, question, "questionHeaders"),
        "summary": summary,
        "bindings": {"kafka": {"key": key}},
    }


def _reply(name: str, kind: type[Value]) -> dict[str, Any]:
    return {**_message(name, kind, "replyHeaders"), "summary": (kind.__doc__ or "").splitlines()[0]}


def _message(name: str, kind: type[Value], header_schema: str) -> dict[str, Any]:
    return {
        "name": name,
        "title": kind.__name__,
        "contentType": "application/json",
        "headers": {"$ref": f"#/components/schemas/{header_schema}"},
        "correlationId": CORRELATION,
        "payload": payload(kind),
    }
