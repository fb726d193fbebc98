"""What webhooks promise stays true: each promise has tests that hold it, and they all exist."""

import pytest

from tests.support.promises import Tests, missing

ASKED, BAD = "tests/notifier/test_asked_replays.py", "tests/notifier/test_bad_endpoints.py"
DELIVERIES, FILTERS = "tests/notifier/test_deliveries.py", "tests/notifier/test_filters.py"
HTTP, LOG = "tests/notifier/test_http_sender.py", "tests/notifier/test_log.py"
MANAGING, ORDERING = "tests/notifier/test_managing.py", "tests/notifier/test_ordering.py"
PACING, REDACTION = "tests/notifier/test_pacing.py", "tests/notifier/test_redaction.py"
REPLAYS, RETENTION = "tests/notifier/test_replays.py", "tests/notifier/test_retention.py"
RETRIES, ROTATION = "tests/notifier/test_retries.py", "tests/notifier/test_rotation.py"
RULES, SCHEDULE = "tests/notifier/test_standing_rules.py", "tests/notifier/test_schedule.py"
SIGNING, STANDING = "tests/notifier/test_signing.py", "tests/notifier/test_standing.py"
SWITCHING, OWNERSHIP = "tests/notifier/test_switching.py", "tests/notifier/test_verification.py"
ANSWERED, DAY = "tests/connected/test_webhooks_asked.py", "tests/connected/test_webhook_day.py"
ERRANDS, PAIR = "tests/connected/test_webhook_errands.py", "tests/connected/test_two_senders.py"
GUARD, POOL = "tests/chassis/test_guard.py", "tests/chassis/pool_suite.py"
MANAGEMENT, WIRE = "tests/gateway/test_webhook_management.py", "tests/system/test_wire.py"
SEEN, ENDPOINTS = "tests/portal/test_deliveries.py", "tests/portal/test_endpoints.py"
MEASURED, RECEIVER = "tests/bench/test_deliveries.py", "tests/bench/test_receiver.py"
ABSENCES = "tests/system/test_absences.py"

PROMISES: dict[str, dict[str, Tests]] = {
    "signature": {
        "HMAC-SHA256 and Ed25519 over id, time and body": {
            SIGNING: (
                "test_any_string_signs_what_the_standard_library_verifies",
                "test_a_changed_body_or_another_secret_does_not_verify",
                "test_a_subscriber_without_the_secret_verifies_by_the_public_key",
            ),
            WIRE: ("test_a_subscriber_can_believe_every_try", "test_another_secret_is_not_believed"),
        },
        "the public keys have an address that anyone may read": {
            MANAGEMENT: ("test_public_keys_are_for_anyone",),
            MANAGING: ("test_public_keys_are_told_to_whoever_asks",),
            ANSWERED: ("test_an_endpoint_lives_from_its_registration_to_its_end",),
        },
        "two published libraries verify it": {
            SIGNING: ("test_a_second_published_library_verifies_too",),
            DAY: ("test_after_a_day_everything_arrives_with_its_own_id",),
        },
        "neither secret nor private key can be read from the database": {
            SIGNING: ("test_neither_the_secret_nor_the_private_key_can_be_read_from_what_is_stored",),
        },
    },
    "rotation": {
        "both secrets and both keys sign until the old one's end": {
            SIGNING: ("test_during_a_rotation_old_and_new_verify_and_after_it_the_new_alone",),
            ROTATION: ("test_the_old_secret_signs_too_until_its_end",),
        },
        "from no time to seven days": {
            ROTATION: ("test_kept_for_no_time_the_old_one_ends_at_once", "test_no_other_time_is_taken"),
        },
    },
    "retries": {
        "at the standard's times over about three days, each spread by a fifth": {
            RETRIES: (
                "test_by_default_a_delivery_is_tried_for_three_days_at_the_standards_times_each_spread",
            ),
            SCHEDULE: (
                "test_a_delay_stays_within_its_jitter",
                "test_the_schedule_lasts_about_three_days_and_ends",
            ),
        },
        "an endpoint may have its own": {RETRIES: ("test_an_endpoint_may_have_its_own_schedule",)},
        "every try has the same id": {
            RETRIES: ("test_every_try_carries_the_same_id_and_body_and_the_time_of_the_try",),
        },
        "what is given up is told of": {
            RETRIES: ("test_a_delivery_that_is_given_up_is_told_of_and_stays_in_the_log",),
        },
    },
    "Retry-After": {
        "it is read, kept, and bounded": {
            HTTP: ("test_the_receivers_wish_is_read_as_seconds_or_as_a_date",),
            RETRIES: ("test_the_receivers_retry_after_puts_the_next_try_off",),
            SCHEDULE: ("test_the_receiver_can_lengthen_a_delay_but_not_beyond_a_day",),
            STANDING: ("test_a_pause_that_is_asked_for_is_an_hour_at_most",),
        },
        "a 429, or a 503 with a time, slows the endpoint and charges no event": {
            STANDING: ("test_an_endpoint_that_asks_for_a_pause_gets_one_and_its_event_is_not_charged",),
            RULES: (
                "test_a_wish_is_kept_also_when_the_breaker_opens_meanwhile",
                "test_an_endpoint_is_never_shut_for_longer_than_the_rules_say",
            ),
        },
    },
    "redirects": {
        "nothing but 2xx is success": {HTTP: ("test_no_status_but_2xx_is_success",)},
        "none is followed": {BAD: ("test_a_redirect_is_not_followed_and_said_so",)},
    },
    "410": {
        "it disables the endpoint, which is told, and nothing is lost": {
            STANDING: ("test_an_endpoint_that_is_gone_is_disabled_and_nothing_is_lost",),
            "tests/notifier/test_registration.py": (
                "test_registering_again_makes_an_endpoint_active_that_was_gone",
            ),
        },
    },
    "disabling": {
        "a breaker for each endpoint": {
            STANDING: (
                "test_after_five_failures_in_a_row_nothing_more_is_tried_for_a_while",
                "test_a_paused_endpoint_is_tried_with_one_delivery_ever_more_seldom",
                "test_a_dead_endpoint_does_not_hold_up_another",
            ),
        },
        "after days of failures alone it is disabled, which is told": {
            STANDING: (
                "test_an_endpoint_that_failed_for_five_days_is_disabled_and_recovers_everything",
                "test_an_endpoint_that_fails_now_and_then_is_not_disabled",
            ),
            RULES: ("test_an_endpoint_is_hopeless_after_five_days_of_failures_alone",),
        },
        "switched on again it gets what it missed": {
            SWITCHING: (
                "test_switched_on_it_gets_what_it_missed_and_what_was_under_way",
                "test_an_endpoint_that_failed_for_days_gets_what_it_missed_since_it_began_to_fail",
            ),
            STANDING: (
                "test_when_a_trial_succeeds_all_that_waited_goes_out_at_once",
                "test_whatever_an_endpoint_answers_no_delivery_is_forgotten",
            ),
        },
    },
    "replay": {
        "one, under its id": {ASKED: ("test_a_delivery_is_sent_again_under_its_own_id",)},
        "all of a time, without a limit": {
            REPLAYS: (
                "test_an_endpoint_that_came_later_can_be_sent_what_happened_before_it",
                "test_all_of_a_time_goes_out_again_under_the_ids_of_before",
            ),
            ERRANDS: ("test_a_replay_takes_exactly_its_time_and_what_is_missing",),
        },
        "only what is missing": {
            REPLAYS: (
                "test_the_missing_ones_are_those_that_were_never_accepted",
                "test_what_is_on_its_way_by_schedule_is_left_to_it",
            ),
        },
    },
    "addresses": {
        "the address of the connection is checked, by default": {
            BAD: (
                "test_an_address_that_is_not_public_is_not_called_however_it_is_spelled",
                "test_a_name_that_leads_to_a_private_address_is_not_called",
            ),
            GUARD: (
                "test_what_is_not_public_is_forbidden",
                "test_every_spelling_of_loopback_is_refused_at_the_connection",
            ),
        },
        "a name that changes its mind gets around nothing": {
            BAD: ("test_a_name_is_judged_each_time_by_the_address_that_is_connected_to",),
            GUARD: ("test_a_name_that_changes_its_address_is_refused",),
        },
        "development may allow its own addresses and opens no other": {
            GUARD: (
                "test_loopback_passes_when_allowed",
                "test_allowing_loopback_allows_nothing_else",
                "test_an_allowed_network_passes_and_its_neighbour_does_not",
            ),
        },
    },
    "ownership": {
        "the handshake of CloudEvents, or a signed challenge": {
            OWNERSHIP: (
                "test_a_handshake_is_enough",
                "test_a_server_that_answers_options_to_others_has_not_agreed",
                "test_a_signed_challenge_that_comes_back_is_enough",
                "test_a_server_that_only_echoes_or_accepts_has_not_agreed",
            ),
        },
        "by default whoever hasn't agreed gets nothing": {
            ANSWERED: ("test_whoever_has_not_agreed_gets_nothing_until_it_does",),
        },
        "it may be switched off": {OWNERSHIP: ("test_where_it_is_off_nobody_is_asked",)},
    },
    "rate": {
        "no more goes out than an endpoint takes, over all senders": {
            PACING: (
                "test_no_more_goes_out_in_a_second_than_the_endpoint_takes",
                "test_two_senders_share_one_limit",
            ),
            OWNERSHIP: ("test_the_rate_that_an_endpoint_allows_is_kept",),
        },
    },
    "order": {
        "facts of a key arrive in order, also over several senders": {
            ORDERING: (
                "test_an_earlier_fact_that_comes_later_over_another_topic_goes_first",
                "test_whatever_the_answers_no_attempt_of_a_key_is_out_of_order_and_none_is_lost",
            ),
            PAIR: ("test_each_delivery_is_made_by_one_of_them",),
            DAY: ("test_after_a_day_everything_arrives_with_its_own_id",),
        },
        "one that fails holds back its key alone": {
            ORDERING: ("test_a_failing_fact_holds_back_its_key_and_no_other",),
        },
        "only where it is wanted": {ORDERING: ("test_without_the_option_nothing_waits_for_another",)},
    },
    "filters": {
        "by the type of the fact": {DELIVERIES: ("test_only_what_was_asked_for_is_delivered",)},
        "by its fields": {
            FILTERS: (
                "test_all_that_a_filter_names_must_hold",
                "test_an_endpoint_hears_only_what_its_filter_lets_through",
                "test_what_is_wrong_in_a_filter_is_said_by_field",
            ),
        },
    },
    "portal": {
        "deliveries, attempts and bodies": {
            SEEN: (
                "test_deliveries_are_filtered_and_the_choice_is_kept",
                "test_a_delivery_shows_its_payload_and_what_each_attempt_met",
            ),
        },
        "replays": {
            SEEN: ("test_a_delivery_is_replayed_from_the_keyboard_alone",),
            ENDPOINTS: ("test_only_what_is_missing_since_a_time_is_replayed",),
        },
        "secrets, each shown once": {
            ENDPOINTS: (
                "test_a_new_endpoint_is_added_and_its_secret_shown_once",
                "test_a_rotated_secret_is_shown_once_and_the_old_one_kept_as_long_as_chosen",
            ),
        },
        "open to whoever holds a link, for the link's time": {
            "tests/gateway/test_portal.py": (
                "test_its_holder_manages_webhooks_of_that_organization",
                "test_its_holder_does_nothing_else",
                "test_it_ends",
            ),
        },
    },
    "log": {
        "each organization chooses how long it is kept": {
            MANAGING: ("test_an_organization_chooses_how_long_its_log_is_kept",),
            RETENTION: (
                "test_an_organization_may_choose_its_own_days",
                "test_what_happened_is_forgotten_after_the_deployments_days",
            ),
        },
        "of an answer the beginning is kept, without credentials": {
            BAD: ("test_of_a_long_answer_the_beginning_is_kept",),
            REDACTION: (
                "test_an_attempt_is_kept_without_signatures_cookies_and_secrets",
                "test_what_looks_like_a_credential_is_masked",
            ),
        },
        "nobody reads another's": {LOG: ("test_nothing_in_the_log_is_anothers",)},
    },
    "load": {
        "what was sent is compared with what arrived, id by id: losses, repeats, waits": {
            MEASURED: (
                "test_an_event_that_was_never_accepted_is_lost",
                "test_an_event_that_was_accepted_again_is_a_duplicate",
                "test_an_event_waits_from_its_publication_to_its_acceptance",
            ),
            RECEIVER: ("test_an_id_that_comes_twice_is_accepted_once_and_noted_twice",),
            "tests/bench/test_figures.py": ("test_ninety_nine_of_a_hundred_values_are_within_p99",),
        },
    },
    "no silent loss": {
        "while broker or database are away": {
            ABSENCES: ("test_afterwards_every_interview_completes_and_is_told_of_once",),
        },
    },
    "senders": {
        "a fact has one delivery per endpoint, however often and by how many it is heard": {
            DELIVERIES: ("test_a_repeated_fact_makes_no_second_delivery",),
            PAIR: ("test_each_delivery_is_made_by_one_of_them",),
        },
        "a dead sender's work is taken over": {
            POOL: ("test_a_dead_owners_job_is_taken_over_when_its_lease_has_ended",),
        },
        "one that hangs slows no other, and all together are bounded": {
            PACING: (
                "test_an_endpoint_that_hangs_does_not_slow_another",
                "test_an_endpoint_may_choose_how_many_attempts_it_takes_at_once",
            ),
            POOL: ("test_no_more_run_at_once_than_allowed_in_total",),
        },
        "our faults are not charged to the endpoint": {
            RETRIES: (
                "test_a_fault_of_ours_before_sending_is_charged_to_nobody",
                "test_a_fault_of_ours_after_sending_is_made_good_without_sending_again",
            ),
        },
    },
    "body": {
        "type, time and data under the fact's id": {
            DELIVERIES: ("test_a_subscriber_receives_the_fact_signed_under_its_event_id",),
            WIRE: ("test_a_subscriber_is_told_under_the_id_that_the_event_has",),
        },
        "neither recordings nor secrets": {
            "tests/contracts/test_contracts.py": (
                "test_what_subscribers_get_leads_to_no_recording_and_names_no_secret",
            ),
            WIRE: ("test_only_media_is_told_where_a_recording_lies", "test_no_secret_travels"),
        },
    },
}
HELD = [(point, promise) for point, promises in PROMISES.items() for promise in promises]


@pytest.mark.parametrize(("point", "promise"), HELD)
def test_every_promise_about_webhooks_is_held_by_tests_that_exist(point: str, promise: str) -> None:
    assert PROMISES[point][promise]
    assert missing(PROMISES[point][promise]) == set()
