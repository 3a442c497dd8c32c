"""Data classes of the pool. What tells who somebody is, or how somebody lives, goes with an
erasure; that there was a person with this number stays, because engagements point at it."""

from talentpool.privacy.inventory import Table

TABLES = {
    "Firm": Table(public="name corporate_number invoice_number", internal="unseen_since"),
    "Specialist": Table(
        internal="pool_number kind kind_unsettled_since status registered_on registered_until "
        "confirmed_at submitted_at",
        personal="user name kana known_as firm firm_agreed_at left_firm_on belonging_changed_at "
        "employer employer_no_company side_job_permit_until base radius_km remote weekdays "
        "max_towns least_half_days half_day_rate_yen monthly_fixed_yen years municipal_years "
        "strengths forms",
        person="pk",
        # A firm's member would need a firm.
        erased={"status": "withdrawn", "kind": "other", "kind_unsettled_since": None},
    ),
    "Availability": Table(
        personal="specialist month half_days declared_at", person="specialist", delete=True
    ),
    "Pause": Table(
        personal="specialist first_month last_month declared_at", person="specialist", delete=True
    ),
    "AvailabilitySignal": Table(
        personal="specialist kind at asked_at", person="specialist", delete=True
    ),
    "Interest": Table(
        personal="specialist kind corporate_number name since until note created_at "
        "from_registration",
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
        internal="specialist municipality rule result deal_ends found_on state decision decided_by "
        "decided_at",
        personal="key evidence measures",
        person="specialist",
        actors="decided_by",
        erased={"key": "erased-{pk}", "measures": "削除済み"},  # constraints want both
        reviewed=True,  # the evidence may be what a town is about to buy
    ),
    # A record of what was asked of an office, kept by it; it names who asked.
    "LobbyingRecord": Table(
        internal="happened_on municipality subject in_company retired_on post duty answer "
        "reported_on corrects recorded_by recorded_at",
        personal="specialist requester company content",
        person="specialist",
        erased={"requester": "", "company": "", "content": ""},
        actors="recorded_by",
        reviewed=True,  # tells of the staff who were approached too
    ),
    "SpecialistSkill": Table(
        personal="specialist skill own_level assessed_level evidence projects years "
        "with_municipalities",
        person="specialist",
        delete=True,
    ),
    "ProfileChange": Table(
        internal="seen_at seen_by",
        personal="specialist kind skill before after detail assessed_level at",
        person="specialist",
        delete=True,
        actors="seen_by",
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
    "Background": Table(
        personal="specialist retired_on last_post was_manager departments present_work reported "
        "permit_needed permit_given_on post",
        person="specialist",
        delete=True,
    ),
    "WorkProfile": Table(
        personal="specialist talent_types dss_roles languages most_on_site most_remote travel",
        person="specialist",
        delete=True,
    ),
    "Certificate": Table(
        personal="specialist code other_name number expires_on", person="specialist", delete=True
    ),
    "PayWish": Table(personal="specialist unit yen", person="specialist", delete=True),
    "Document": Table(personal="specialist kind file", person="specialist", delete=True),
    "TopicDraft": Table(
        personal="specialist user topic typed saved_at", person="specialist", delete=True
    ),
    "EntryTicket": Table(
        internal="way firm status sent_by sent_at expires_at ended_at",
        personal="email specialist",
        secret="token_sha256",
        person="specialist",
        delete=True,
        actors="sent_by",
    ),
    "PeopleImport": Table(
        internal="file_name status done total problem_count attempts message created_by created_at "
        "finished_at mode valid invalid written",
        personal="content problems problem_file",
        actors="created_by",
    ),
    "FirmManager": Table(internal="firm user since until", actors="user"),
    "StatusChange": Table(
        internal="specialist verb before after by at",
        personal="reason",
        person="specialist",
        actors="by",
        erased={"reason": "削除済み"},  # a decision against somebody must have one
    ),
    "InterviewNote": Table(
        internal="written_by corrects",
        personal="specialist held_on text written_at",
        person="specialist",
        delete=True,
        actors="written_by",
    ),
    # Who looked is kept after an erasure: a leak that comes to light later is traced with it.
    # Sums over everybody's answers.
    "ConfidenceFit": Table(
        internal="made_at answers held_back parameters brier brier_now brier_no_decay "
        "worst_points confirmed_at confirmed_by",
        actors="confirmed_by",
    ),
    "BarTerm": Table(public="in_force_from years basis confirmed"),
    "ProfileView": Table(
        internal="specialist at viewer viewer_body viewer_role scope purpose", person="specialist"
    ),
}
