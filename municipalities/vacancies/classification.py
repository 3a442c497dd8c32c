"""Data classes of needs, vacancies and the month's export. Names of staff stand in no public
field (B-17); the ministry's file has none of these classes but 公開 and 庁内 (B-10)."""

from talentpool.privacy.inventory import Table

TABLES = {
    "MinistryExport": Table(
        internal="month version form_version base reason rows counts held_back content sha256 "
        "previous_hash chain_hash status document_number document_date approver frozen_at "
        "frozen_by submitted_at",
        actors="approver frozen_by",
    ),
    "FormVersion": Table(public="code name in_force_from note"),
    "FormField": Table(
        public="version order identifier header kind requirement condition allowed minimum maximum "
        "max_length section note public"
    ),
    "VacancyImport": Table(
        internal="municipality file_name content status mode done total valid invalid written "
        "problem_count problems problem_file attempts message created_by created_at finished_at "
        "draft_versions cautions",
        actors="created_by",
    ),
    "Need": Table(
        internal="municipality title problem description half_days least_half_days first_month "
        "last_month place on_site_half_days weekdays budget_yen forms involves_procurement "
        "priority status remark closing_note version created_by created_at updated_at submitted_at "
        "accepted_at closed_at",
        actors="created_by",
    ),
    "TownBudget": Table(
        internal="municipality fiscal_year yen stated_by stated_at", actors="stated_by"
    ),
    "NeedSkill": Table(internal="need skill level"),
    "MonthlyRound": Table(internal="month opens_on cut_off"),
    "RoundAnswer": Table(
        internal="round municipality kind answered_at answered_by confirmed_at confirmed_by "
        "reminders reminded_at",
        actors="answered_by confirmed_by",
    ),
    "Subscription": Table(
        internal="created_at confirmed_at areas fields rhythm told_until consent",
        personal="email",
        secret="token",
    ),
    "JointTown": Table(
        internal="vacancy municipality status asked_at agreed_version remark document_number "
        "answered_at answered_by held_at held_by held_document held_remark",
        actors="answered_by held_by",
    ),
    "Digest": Table(internal="rhythm until sent_at"),
    "SoftBounce": Table(internal="count last_on", secret="digest"),
    "Suppression": Table(internal="since", secret="digest"),
    "Vacancy": Table(
        public="vacancy_no municipality form_version status outcome position_title talent_types "
        "work_fields engagement_form headcount start_date end_date frequency_unit freq_min "
        "freq_max remote side_job pay_unit pay_min pay_max open_date close_date close_type "
        "publish_ok publish_until published_at joint_codes open_line",
        internal="need values remark field_remarks leftover change changed_values change_form "
        "closing_note version "
        "search_text created_by created_at changed_at submitted_at closed_at kept_on_at "
        "change_submitted_at change_recalled_at returned_at",
        actors="created_by",
    ),
    "VacancyRevision": Table(
        public="vacancy number form_version changed published_at",
        internal="values published_by withheld_reason",
        actors="published_by",
    ),
    "SectionDraft": Table(internal="vacancy user section typed version saved_at", actors="user"),
    "VacancyQuestion": Table(
        public="vacancy text asked_at answer answered_at hidden",
        internal="answered_by hidden_reason version",
        actors="answered_by",
    ),
    "VacancyCounter": Table(internal="municipality fiscal_year last"),
}
