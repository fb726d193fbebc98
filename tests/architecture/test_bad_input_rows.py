"""Whatever is thrown at webhooks and consumers has a test that says what becomes of it."""

import pytest

from tests.support.promises import Tests, missing

BAD, HTTP = "tests/notifier/test_bad_endpoints.py", "tests/notifier/test_http_sender.py"
DELIVERIES, REGISTERING = "tests/notifier/test_deliveries.py", "tests/notifier/test_registration.py"
STORED, DOOR = "tests/notifier/test_registration_in_mongo.py", "tests/gateway/test_webhooks.py"
CONSUME, LETTERS = "tests/chassis/test_consume.py", "tests/connected/test_dead_letters.py"

PUT_ASIDE: Tests = {
    CONSUME: ("test_poison_is_put_aside_and_the_next_message_is_handled",),
    LETTERS: ("test_a_poison_is_put_aside_after_its_tries_and_handled_once_when_it_is_redriven",),
}
ROWS: dict[str, Tests] = {
    "a redirect to a private address": {BAD: ("test_a_redirect_is_not_followed_and_said_so",)},
    "a name of a private address": {BAD: ("test_a_name_that_leads_to_a_private_address_is_not_called",)},
    "a name with another address the second time": {
        BAD: ("test_a_name_is_judged_each_time_by_the_address_that_is_connected_to",),
    },
    "an address mapped into IPv6, or written as one number": {
        BAD: ("test_an_address_that_is_not_public_is_not_called_however_it_is_spelled",),
        "tests/chassis/test_guard.py": (
            "test_every_spelling_of_loopback_is_refused_at_the_connection",
            "test_what_is_not_public_is_forbidden",
        ),
    },
    "an endpoint that hangs before, in or after its headers": {
        BAD: (
            "test_one_that_hangs_costs_the_time_of_one_attempt",
            "test_one_whose_headers_never_end_costs_the_time_of_one_attempt",
        ),
        HTTP: (
            "test_without_a_status_the_attempt_failed",
            "test_a_body_that_outlasts_the_whole_attempt_does_not_take_its_status",
        ),
    },
    "an answer of 10 MB": {BAD: ("test_of_a_long_answer_the_beginning_is_kept",)},
    "broken TLS": {BAD: ("test_broken_tls_is_a_failure",)},
    "an expired or unknown certificate": {
        BAD: (
            "test_a_certificate_that_is_trusted_is_taken_until_it_expires",
            "test_a_certificate_by_nobody_in_particular_is_a_failure",
        ),
    },
    "a slow 200": {
        BAD: ("test_a_slow_answer_counts_when_it_comes_in_time",),
        HTTP: ("test_a_delivery_is_accepted_by_its_status_although_the_body_stalls",),
    },
    "a secret that is empty or of 10 kB": {
        REGISTERING: ("test_no_such_secret_is_taken",),
        DOOR: ("test_what_cannot_be_registered_is_refused_by_field",),
    },
    "an unknown event": {
        DELIVERIES: ("test_a_wrong_wish_is_refused_by_field",),
        "tests/notifier/test_asked_replays.py": ("test_an_unknown_event_has_no_example",),
    },
    "more endpoints than a database reads at once": {
        STORED: ("test_thousands_of_endpoints_of_others_are_neither_counted_nor_listed",),
        "tests/notifier/test_replays.py": ("test_a_fact_reaches_more_endpoints_than_one_transaction_takes",),
        "tests/notifier/test_log.py": ("test_attempts_and_endpoints_are_answered_by_an_index",),
        REGISTERING: ("test_at_the_limit_it_says_what_to_do_and_a_known_url_can_be_registered_again",),
    },
    "two gateways that register the same": {
        STORED: (
            "test_one_url_that_is_registered_many_times_at_once_is_one_endpoint",
            "test_one_question_that_is_asked_twice_at_once_has_one_answer",
        ),
    },
    "a body past the limit": {
        "tests/notifier/test_retries.py": (
            "test_a_large_body_is_sent_thin_with_the_names_of_what_was_left_out",
        ),
        "tests/notifier/test_filters.py": ("test_a_field_left_out_of_a_thin_body_is_not_held_against_it",),
    },
    "a receiver whose clock is off": {
        BAD: (
            "test_a_refusal_by_a_clock_that_is_off_says_that_it_is",
            "test_a_refusal_by_a_clock_that_is_right_says_nothing_of_it",
        ),
    },
    "a message that is no JSON, of an unknown type or version, or without its envelope": {
        **PUT_ASIDE,
        "tests/flows/test_poison.py": ("test_a_message_that_cannot_be_read_stops_no_interview",),
        "tests/connected/test_delivery.py": (
            "test_one_consumer_hears_several_topics_in_order_per_key_and_poison_stops_none",
        ),
    },
    "a message whose handler always fails": {
        **PUT_ASIDE,
        CONSUME: ("test_an_exhausted_message_becomes_a_dead_letter_and_a_fact_in_one_commit",),
        "tests/connected/test_delivery.py": (
            "test_a_failing_message_is_tried_again_then_told_and_put_aside",
        ),
    },
    "a message of 2 MB": {
        LETTERS: (
            *PUT_ASIDE[LETTERS],
            "test_a_letter_that_was_put_aside_for_its_size_keeps_its_value_where_it_came_from",
        ),
        "tests/connected/test_delivery.py": ("test_a_message_that_is_too_large_is_refused_for_good",),
    },
}


@pytest.mark.parametrize("row", ROWS)
def test_whatever_is_thrown_at_webhooks_and_consumers_is_tested(row: str) -> None:
    assert missing(ROWS[row]) == set()
