"""Data classes of the code lists: all public."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Term": Table(public="vocabulary code label description order active confirmed note"),
    "Skill": Table(public="code name description order confirmed note"),
    "Level": Table(public="number name description itss_from itss_to confirmed note"),
    "EngagementForm": Table(
        public="code name basis rule grant is_employment active confirmed note"
    ),
    "GrantRule": Table(
        public="fiscal_year payer cost_kind forms rate cap_yen fiscal_power_adjusted confirmed "
        "source note"
    ),
}
