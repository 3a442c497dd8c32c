"""Where the law bites: things that may be right and that somebody should look at again.

Not errors: a caution never keeps a vacancy from being submitted. Sources: sources.md 3.1, 3.6.
"""

from decimal import Decimal, InvalidOperation

from municipalities.vacancies.definition import Values

ADVISORY_POST = "10"  # 特別職非常勤職員: advice, inquiry and diagnosis only (地公法3条3項3号)
WORDS_OF_COMMAND = (
    "決裁",
    "指揮",
    "監督",
    "命令",
    "命じ",
    "管理職",
    "契約締結",
    "契約の締結",
    "契約を締結",
)
CONTRACTING = frozenset({"20", "21"})  # orders to a contractor's people are disguised employment
WORDS_OF_ORDER = ("指揮命令", "職員の指示", "勤務時間", "出勤簿")
FEW_DAYS_A_MONTH = Decimal(4)
HOURS_A_DAY = 8


def cautions_of(values: Values) -> list[tuple[str, str]]:
    """Pairs of identifier and what to think about."""
    found = []
    form = values.get("engagement_form", "")
    duties = values.get("duties", "") + values.get("expected_results", "")
    if form == ADVISORY_POST:
        words = [word for word in WORDS_OF_COMMAND if word in duties]
        if words:
            found.append(
                (
                    "duties",
                    f"特別職非常勤職員の仕事は、助言・調査・診断に限られます。「{'」「'.join(words)}」は"
                    "職員への指揮や契約と読まれるため、書き方か任用等の形態を見直してください。",
                )
            )
    if form in CONTRACTING:
        words = [word for word in WORDS_OF_ORDER if word in duties + values.get("hours", "")]
        if words:
            found.append(
                (
                    "duties",
                    f"業務委託では、職員が直接指示や勤怠の管理をすると偽装請負になります。"
                    f"「{'」「'.join(words)}」の書き方を見直してください。",
                )
            )
    if values.get("side_job") == "0" and _is_few_days(values):
        found.append(
            (
                "side_job",
                "月に4日以下の仕事で副業・兼業を認めないと、応募できる人がほとんどいません。",
            )
        )
    return found


def _is_few_days(values: Values) -> bool:
    try:
        most = Decimal(values.get("freq_max") or "")
    except InvalidOperation:
        return False
    unit = values.get("frequency_unit")
    days = {"D": most, "W": most * 4, "H": most / HOURS_A_DAY}.get(unit or "")
    return days is not None and days <= FEW_DAYS_A_MONTH
