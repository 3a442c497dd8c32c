"""Data classes of engagements: public records (公文書), kept without the identity of the person."""

from talentpool.privacy.inventory import Table

TABLES = {
    "CapacityMonth": Table(
        internal="specialist month signed held declared limit", person="specialist"
    ),
    "SettledMonth": Table(
        internal="specialist month declared booked settled_by settled_at",
        personal="note",  # may tell why the person has less time
        person="specialist",
        actors="settled_by",
        erased={"note": "削除済み"},
    ),
    "Hold": Table(
        internal="specialist municipality half_days first_month last_month until state",
        person="specialist",
    ),
    "Outlook": Table(internal="as_of rows counted_at"),  # sums over everybody
    "Engagement": Table(
        internal="number specialist form status first_month last_month half_day_rate_yen "
        "monthly_fixed_yen total_yen signed_on signed_by created_at ended_on "
        "end_reason end_document",
        person="specialist",
        actors="signed_by",
    ),
    "BiddingBar": Table(
        internal="engagement municipality since until",
        personal="corporate_number name",  # where the person works
        person="engagement__specialist",
        erased={"corporate_number": "e-{pk}"},  # one bar of a firm, town and engagement
        held_until="until",  # the firm stays barred, whoever it was that helped the town
    ),
    "Share": Table(
        internal="engagement municipality need half_days first_month last_month cost_yen "
        "document_number decided_on active visit_weekdays",
        person="engagement__specialist",
    ),
}
