"""What OpenAPI says of ids that come back: with which calls they can be used."""

from typing import Any

BODY_ID = "$response.body#/id"
INTERVIEW = "$response.body#/interviewRecordId"
JOB = "$response.body#/pipelines/0/pipelineId"
Link = tuple[str, dict[str, str]]

LINKS: dict[str, tuple[Link, ...]] = {
    "records_submit_interview": (
        ("records_read_interview", {"interviewRecordId": INTERVIEW}),
        ("records_read_result_by_job", {"jobId": JOB}),
    ),
    "platform_create_api_key": (
        ("platform_read_api_key", {"keyId": BODY_ID}),
        ("platform_rename_api_key", {"keyId": BODY_ID}),
        ("platform_revoke_api_key", {"keyId": BODY_ID}),
    ),
    "platform_make_candidate_link": (("platform_revoke_candidate_link", {"linkId": BODY_ID}),),
    "platform_register_webhook": (
        ("platform_read_webhook", {"webhookId": BODY_ID}),
        ("platform_change_webhook", {"webhookId": BODY_ID}),
        ("platform_delete_webhook", {"webhookId": BODY_ID}),
    ),
    "platform_start_replay": (
        ("platform_read_replay", {"webhookId": "$request.path.webhookId", "replayId": BODY_ID}),
    ),
}
"""By the operation whose answer brings the id: where it can be used, and as which parameter."""


def describe_links(document: dict[str, Any]) -> None:
    """Add the links to every answer of success that has a body."""
    for operations in document["paths"].values():
        for operation in operations.values():
            links = {
                target: {"operationId": target, "parameters": parameters}
                for target, parameters in LINKS.get(operation["operationId"], ())
            }
            for status, response in operation["responses"].items():
                if links and status.startswith("2") and "content" in response:
                    response["links"] = links
