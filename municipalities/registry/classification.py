"""Data classes of the towns and of those who work there."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Prefecture": Table(public="code name kana"),
    "Municipality": Table(
        public="code prefecture name kana latitude longitude tile_column tile_row"
    ),
    "Population": Table(public="municipality as_of value source confirmed"),
    "SchemeUse": Table(public="municipality fiscal_year scheme source"),
    "Group": Table(public="kind name source confirmed"),
    "GroupMember": Table(public="group municipality note"),
    "VendorContract": Table(
        internal="municipality corporate_number vendor_name subject skill starts ends"
    ),
    # What is going to be bought, and who may take part, would distort a procurement.
    "PlannedProcurement": Table(
        internal="municipality subject skill prepared_from announced_on decided_on status note "
        "updated_by updated_at",
        actors="updated_by",
    ),
    "DealImport": Table(
        internal="kind municipality file_name status mode done total valid invalid written "
        "problem_count problems problem_file attempts message created_by created_at finished_at",
        secret="content",
        actors="created_by",
    ),
    "ProcurementParty": Table(secret="procurement corporate_number name role"),
    "Membership": Table(internal="user role municipality section since until", actors="user"),
    "Invitation": Table(
        internal="role municipality section status invited_by invited_at expires_at account "
        "ended_at",
        personal="email",
        secret="token_sha256",
        actors="invited_by account",
    ),
}
