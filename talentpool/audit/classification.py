"""Data classes of the audit record. It holds numbers only, so an erasure leaves the chain whole."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Event": Table(
        internal="at actor_id actor_role action object_type object_id detail previous_hash hash"
    ),
}
