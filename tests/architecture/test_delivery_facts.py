"""What was found out about delivery stays true: each finding has tests that hold it, and they all exist."""

import pytest

from tests.support.promises import Tests, missing, written_in
from tests.support.shared import ROOT

FASTSTREAM = "tests/chassis/test_facts_faststream.py"
CONSUMING = "tests/chassis/test_facts_consuming.py"
CLIENTS = "tests/chassis/test_facts_clients.py"
KILLS = "tests/chassis/test_facts_kills.py"
GROUPS = "tests/connected/test_facts_groups.py"
EMBEDDED_BROKER = "tests/connected/test_facts_embedded_broker.py"
SUPERVISOR = "tests/connected/test_facts_supervisor.py"
BACKPRESSURE = "tests/flows/test_facts_backpressure.py"
CONSUME, TURNS = "tests/chassis/test_consume.py", "tests/chassis/test_groups.py"
BUS, ASK, RELAY = (
    "tests/chassis/test_memory_bus.py",
    "tests/chassis/test_ask.py",
    "tests/chassis/test_relay.py",
)
DELIVERY, LOSS = "tests/connected/test_delivery.py", "tests/connected/test_broker_loss.py"
WORKER, STACK, PLAN = (
    "tests/connected/test_worker_process.py",
    "tests/cli/test_stack.py",
    "tests/cli/test_plan.py",
)

NUMBERED: dict[int, tuple[str, Tests]] = {
    1: (
        "acknowledgement policies; a stop in mid-message loses nothing",
        {
            FASTSTREAM: ("test_only_two_policies_never_commit_what_was_not_handled",),
            TURNS: ("test_a_group_is_one_consumer_that_acknowledges_only_what_was_handled",),
            CONSUMING: ("test_what_is_worked_on_when_a_process_stops_is_begun_anew_by_the_next",),
            WORKER: ("test_what_does_not_finish_in_the_grace_is_not_acknowledged",),
        },
    ),
    2: (
        "batches; failures in several partitions",
        {
            FASTSTREAM: ("test_a_batch_that_fails_is_rewound_in_each_of_its_partitions",),
            CONSUMING: (
                "test_whatever_goes_wrong_in_whichever_partition_every_message_is_handled_once_and_in_order",
                "test_whatever_goes_wrong_with_one_of_several_none_is_acknowledged_before_it_is_settled",
            ),
            CLIENTS: (
                "test_every_group_of_every_service_takes_one_message_at_a_time_for_as_long_as_its_rows_may",
            ),
            GROUPS: ("test_messages_that_are_handed_back_in_every_partition_come_again_and_none_is_lost",),
        },
    ),
    3: (
        "a message handed back spins; what can't be parsed is lost; ours is bounded and parses inside",
        {
            FASTSTREAM: (
                "test_a_message_that_is_handed_back_comes_again_at_once_and_without_an_end",
                "test_a_message_with_a_header_that_is_no_text_is_committed_past_by_the_next_success",
                "test_a_message_on_which_a_parser_of_ones_own_fails_comes_again",
            ),
            CONSUMING: (
                "test_a_header_that_is_no_text_takes_no_message_from_its_handler",
                "test_a_fault_of_ours_is_not_met_again_at_once",
            ),
            CONSUME: (
                "test_poison_is_put_aside_and_the_next_message_is_handled",
                "test_an_exhausted_message_becomes_a_dead_letter_and_a_fact_in_one_commit",
            ),
            DELIVERY: ("test_one_consumer_hears_several_topics_in_order_per_key_and_poison_stops_none",),
        },
    ),
    4: (
        "a failed commit is only logged; an acknowledgement covers every partition",
        {
            FASTSTREAM: (
                "test_a_commit_that_fails_stops_nothing",
                "test_an_acknowledgement_commits_every_partition_whatever_was_not_acknowledged_there",
            ),
            CONSUMING: (
                "test_commits_that_fail_repeat_messages_and_no_effects",
                "test_one_message_is_begun_after_the_one_before_it_was_acknowledged",
            ),
        },
    ),
    5: (
        "several workers stop their consumers first",
        {
            FASTSTREAM: ("test_several_workers_have_no_consumer_left_when_their_handlers_end",),
            CLIENTS: (
                "test_every_group_of_every_service_takes_one_message_at_a_time_for_as_long_as_its_rows_may",
            ),
        },
    ),
    6: (
        "work past the poll deadline is begun twice; work on the loop starves heartbeats",
        {
            TURNS: ("test_a_consumer_may_be_silent_for_as_long_as_its_slowest_row_can_take",),
            GROUPS: (
                "test_work_that_outlasts_its_consumers_patience_is_begun_by_another_and_has_one_effect",
                "test_a_consumer_whose_work_keeps_a_processor_busy_goes_on_saying_that_it_lives",
            ),
        },
    ),
    7: (
        "defaults that lose; static membership",
        {
            CLIENTS: (
                "test_what_the_libraries_choose_by_themselves_is_not_what_delivery_needs",
                "test_whatever_is_sent_is_acknowledged_by_all_replicas_and_once_where_the_broker_can",
                "test_whoever_listens_without_a_group_commits_nothing_and_says_where_it_begins",
                "test_a_consumer_of_a_group_begins_at_the_beginning_and_outlives_its_rebalances",
                "test_no_client_is_made_without_saying_how_it_acknowledges",
            ),
        },
    ),
    8: (
        "a bounded retry that returns is acknowledged; a dead letter that fails lets nothing pass",
        {
            FASTSTREAM: (
                "test_a_middleware_that_returns_after_a_failure_has_it_acknowledged_and_one_that_raises_has_not",
            ),
            CONSUME: (
                "test_a_message_is_handed_back_when_the_infrastructure_stays_away",
                "test_a_failure_fact_that_cannot_be_told_does_not_lose_the_dead_letter",
            ),
        },
    ),
    9: (
        "services are joined in memory, with positions and repeats",
        {
            BUS: (
                "test_a_fact_runs_through_all_services",
                "test_everything_delivered_again_has_no_second_effect",
                "test_nothing_is_lost_while_the_broker_or_a_database_is_away",
            ),
        },
    ),
    10: (
        "no deprecated integration; events in binary mode that other SDKs read",
        {
            CLIENTS: (
                "test_nothing_uses_the_librarys_deprecated_way_into_http",
                "test_a_structured_event_that_repeats_its_headers_is_misread_so_ours_are_binary",
            ),
            FASTSTREAM: ("test_a_structured_cloud_event_is_left_undecoded",),
            DELIVERY: ("test_a_published_fact_is_a_cloud_event_for_the_published_sdk",),
        },
    ),
    11: (
        "the description of the topics",
        {
            FASTSTREAM: (
                "test_the_librarys_own_description_tells_neither_keys_nor_partitions_nor_groups",
                "test_the_published_description_tells_address_partitions_and_key_of_every_fact",
            ),
            "tests/architecture/test_readers.py": ("test_whoever_reads_a_fact_is_told_with_its_group",),
        },
    ),
    12: (
        "measures",
        {
            CLIENTS: (
                "test_every_stream_is_measured_and_the_measures_know_neither_lag_nor_rebalances",
                "test_what_a_group_received_is_counted",
            ),
        },
    ),
    13: (
        "groups start together, each with its own patience",
        {CONSUMING: ("test_all_groups_of_a_service_are_started_together_each_with_its_own_patience",)},
    ),
    14: (
        "a broker that forgot its topics; they come first, and the relay sends again",
        {
            EMBEDDED_BROKER: (
                "test_a_restarted_broker_keeps_what_it_acknowledges_only_when_its_topics_were_created_first",
            ),
            LOSS: ("test_a_broker_that_was_killed_and_forgot_everything_loses_nothing_in_effect",),
            RELAY: ("test_a_running_relay_looks_every_few_seconds_whether_the_broker_forgot",),
            STACK: ("test_a_killed_broker_comes_back_with_its_topics",),
        },
    ),
    15: (
        "the supervisor restarts, escalates, and reports a crash loop",
        {
            STACK: (
                "test_a_killed_service_is_started_again_on_its_port",
                "test_a_crash_loop_is_given_up_with_its_last_words_and_nothing_survives",
            ),
            PLAN: ("test_everything_supervised_is_restarted_and_escalated",),
            SUPERVISOR: ("test_a_process_that_ignores_sigterm_is_killed_when_its_time_is_over",),
        },
    ),
    16: (
        "a message above 1 MiB; claims are relative to the store",
        {
            DELIVERY: ("test_a_message_that_is_too_large_is_refused_for_good",),
            CLIENTS: ("test_a_claim_holds_wherever_the_store_is_mounted",),
            "tests/chassis/test_store.py": ("test_a_key_cannot_leave_the_store",),
        },
    ),
    17: (
        "races in the inbox; a static member that comes back",
        {
            "tests/chassis/marks_suite.py": (
                "test_two_hundred_racing_deliveries_of_fifty_events_have_fifty_effects",
            ),
            GROUPS: ("test_a_static_member_that_comes_back_finds_its_partitions_and_disturbs_no_other",),
        },
    ),
}
"""The eighteenth is a speed, which is measured and not tested."""

WANTED: dict[str, Tests] = {
    "a stored output is said again under its id": {
        "tests/gateway/test_sweeper.py": ("test_an_overdue_interview_is_asked_for_again_under_new_ids",),
        "tests/media/ingest/test_handlers.py": (
            "test_a_repeated_request_for_what_has_ended_repeats_the_answer_under_its_ids",
        ),
        "tests/evaluation/test_handlers.py": (
            "test_features_asked_for_again_are_answered_with_the_stored_score",
        ),
        "tests/flows/test_losses.py": ("test_asking_again_measures_and_scores_nothing_twice",),
    },
    "one document per aggregate": {
        "tests/chassis/transaction_suite.py": (
            "test_of_twenty_concurrent_changes_to_one_document_none_is_lost",
        ),
        "tests/connected/test_evaluation_at_once.py": (
            "test_an_interview_closes_once_when_everything_comes_at_once_and_twice",
        ),
    },
    "outbox rows have a sequence per aggregate": {
        "tests/chassis/outbox_suite.py": ("test_the_sequence_is_the_commit_order_of_each_aggregate",),
    },
    "dead letters say all that is known": {
        CONSUME: (
            "test_an_exhausted_message_becomes_a_dead_letter_and_a_fact_in_one_commit",
            "test_a_second_failure_keeps_when_the_first_one_was",
        ),
        STACK: ("test_dead_letters_are_listed_with_what_is_known_of_them",),
    },
    "what is past its deadline is not answered": {
        ASK: ("test_a_question_past_its_deadline_is_not_answered",),
    },
    "a process may be stopped or killed at any instant": {
        KILLS: ("test_whatever_step_a_process_is_killed_at_nothing_is_lost_and_nothing_happens_twice",),
        WORKER: (
            "test_a_worker_waits_for_its_broker_works_and_ends_in_order",
            "test_a_worker_that_is_killed_at_any_instant_loses_nothing_and_repeats_no_effect",
        ),
    },
    "a revoked partition cancels or completes": {
        TURNS: (
            "test_a_revoked_partition_waits_for_its_message_to_complete",
            "test_a_revoked_partition_cancels_what_does_not_complete",
        ),
        CONSUMING: ("test_a_message_of_a_revoked_partition_is_either_completed_or_taken_back_whole",),
        GROUPS: ("test_a_message_under_work_ends_before_its_partition_goes_to_a_member_that_joins",),
    },
    "back-pressure": {
        BACKPRESSURE: ("test_a_full_asker_is_a_503_with_a_time_to_wait_and_a_submission_is_still_accepted",),
        ASK: ("test_a_service_with_too_many_questions_says_so",),
    },
}

EVERY: dict[str, Tests] = {
    **{f"{number}: {finding}": tests for number, (finding, tests) in NUMBERED.items()},
    **WANTED,
}


@pytest.mark.parametrize("finding", EVERY)
def test_every_finding_about_delivery_is_held_by_tests_that_exist(finding: str) -> None:
    assert EVERY[finding]
    assert missing(EVERY[finding]) == set()


def test_every_number_has_its_tests() -> None:
    assert list(NUMBERED) == list(range(1, 18))


def test_every_test_of_a_finding_stands_beside_it() -> None:
    placed = {(path, name) for tests in EVERY.values() for path, names in tests.items() for name in names}
    written = {
        (str(path.relative_to(ROOT)), name)
        for path in sorted((ROOT / "tests").rglob("test_facts_*.py"))
        for name in written_in(str(path.relative_to(ROOT)))
    }
    assert written - placed == set()
