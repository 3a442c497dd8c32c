"""Data classes of the consultation desk."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Consultation": Table(
        internal="municipality fiscal_year number topic stage title question wanted_by answer_due "
        "secrecy status turn assignee asked_by asked_at answered_at closed_at request_key",
        actors="assignee asked_by",
    ),
    "Message": Table(internal="consultation kind author body at request_key", actors="author"),
}
