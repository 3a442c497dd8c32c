"""Data classes of uploads. The rooms that hold them say whose they are; the name of a file may name
a person."""

from talentpool.privacy.inventory import Table

TABLES = {
    "StoredFile": Table(
        internal="key room holder kind size sha256 anonymous state tries tried_at uploaded_at "
        "uploaded_by storage_name",
        personal="name",
        actors="uploaded_by",
    ),
}
