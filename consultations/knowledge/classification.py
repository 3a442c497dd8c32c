"""Data classes of the shared articles."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Article": Table(
        internal="consultation topic title question answer search_text status approval_due "
        "proposed_by proposed_at decided_by decided_at withdrawn_by withdrawn_at reason note",
        actors="proposed_by decided_by withdrawn_by",
    ),
}
