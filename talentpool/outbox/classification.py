"""Data classes of the outbox. A mail that has left is emptied at once."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Message": Table(
        internal="kind key in_bulk state attempts not_before created_at finished_at last_error",
        personal="payload",
    ),
}
