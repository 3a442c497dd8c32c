"""Data classes of the pool. What tells who somebody is, or how somebody lives, goes with an
erasure; that there was a person with this number stays, because engagements point at it."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Firm": Table(public="name corporate_number"),
    "Specialist": Table(
        internal="pool_number kind status registered_on registered_until confirmed_at",
        personal="user name kana firm employer side_job_permit_until base radius_km remote "
        "weekdays max_towns least_half_days half_day_rate_yen monthly_fixed_yen years "
        "municipal_years strengths forms",
        person="pk",
        erased={"status": "withdrawn", "kind": "other"},  # a firm's member would need a firm
    ),
    "Availability": Table(
        personal="specialist month half_days declared_at", person="specialist", delete=True
    ),
    "Pause": Table(
        personal="specialist first_month last_month declared_at", person="specialist", delete=True
    ),
    "AvailabilitySignal": Table(personal="specialist kind at", person="specialist", delete=True),
    "Interest": Table(
        personal="specialist kind corporate_number name since until note created_at",
        person="specialist",
        delete=True,
    ),
    "InterestDeclaration": Table(
        personal="specialist fiscal_year declared_at content", person="specialist", delete=True
    ),
    "FirmRelation": Table(
        internal="parent_number parent_name child_number child_name since until source confirmed"
    ),
    # That there was a conflict, and how it was settled, is kept; whose shares it was is not.
    "ConflictCase": Table(
        internal="specialist municipality rule result found_on state decision decided_by "
        "decided_at",
        personal="key evidence measures",
        person="specialist",
        actors="decided_by",
        erased={"key": "erased-{pk}", "measures": "削除済み"},  # constraints want both
        reviewed=True,  # the evidence may be what a town is about to buy
    ),
    "SpecialistSkill": Table(
        personal="specialist skill own_level assessed_level evidence",
        person="specialist",
        delete=True,
    ),
    "PurposeText": Table(
        public="purpose version body recipients retention in_force_from earlier_until confirmed "
        "sha256"
    ),
    # That somebody agreed, and to what, is kept as proof; who it was goes with the person's row.
    "Consent": Table(
        internal="specialist purpose text text_sha256 given_at method recorded_by withdrawn_at",
        person="specialist",
    ),
    # Who looked is kept after an erasure: a leak that comes to light later is traced with it.
    "ProfileView": Table(
        internal="specialist at viewer viewer_body viewer_role scope purpose", person="specialist"
    ),
}
