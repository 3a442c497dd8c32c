"""Data classes of the room itself."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Tombstone": Table(internal="erased_on", secret="digest"),
    "RetentionTerm": Table(public="code what days fiscal_years basis confirmed"),
}
