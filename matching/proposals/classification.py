"""Data classes of the coordination: how a decision came about is part of the public record."""

from talentpool.privacy.inventory import Table

TABLES = {
    # The frozen input knows people by their numbers.
    "Run": Table(
        internal="number title request_key status wall_seconds policy needs problem "
        "input_sha256 greedy_plan plan pack plan_sha256 pack_sha256 stage stages_done "
        "stages_of attempts failure requested_by created_at frozen_at finished_at mends mended",
        actors="requested_by",
    ),
    # What is asked and answered knows people by their numbers.
    "Study": Table(
        internal="run kind asked words request_key status answer attempts failure requested_by "
        "created_at finished_at",
        actors="requested_by",
    ),
    # Reasons are chosen from a list: nothing of a person is written down.
    "Pin": Table(
        internal="need specialist run half_days reason pinned_by pinned_at released_by "
        "released_at release_reason",
        person="specialist",
        actors="pinned_by released_by",
        reviewed=True,  # whom a town may want, before anybody is asked
    ),
    "RunPin": Table(
        internal="run pin",
        personal="left_out",  # may tell of a state or a conflict of the person
        person="pin__specialist",
        erased={"left_out": "削除済み"},  # it was left out still
        reviewed=True,  # what a town is about to buy, where that kept the pin from being held
    ),
    "RunPart": Table(internal="run position problem plan attempts finished_at"),
    "Bundle": Table(
        internal="specialist status answer_due decide_due answered_at decline_reason terms_version "
        "confirmed_version half_day_rate_yen monthly_fixed_yen total_yen engagement created_at "
        "closed_at",
        person="specialist",
    ),
    "Proposal": Table(
        internal="need run status rank_due ranked_at ranked_by_default interview_on wants_assessor "
        "document_number decided_on confirmed_version close_reason created_at closed_at"
    ),
    "Application": Table(
        internal="specialist vacancy status sent_at agreed_at agreed_words answered_at answered_by "
        "withdrawn_at",
        personal="message",
        person="specialist",
        actors="answered_by",
    ),
    "Candidate": Table(
        internal="proposal specialist bundle blind_id position planned half_days score terms "
        "told_less conflict_result status aside_reason rank hold agreed_half_days cost_yen "
        "fixed_yen town_asked_at person_agreed_at",
        personal="conflict conflict_measures",  # name the firm that the person works for
        person="specialist",
        reviewed=True,  # a town's order and the score, while the coordination is going on
        labels={"proposal": "候補提示"},
    ),
}
