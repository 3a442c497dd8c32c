"""Why something of the coordination ended: the reasons that people choose from."""

from django.db import models


class CloseReason(models.TextChoices):
    """Why a proposal ended without an engagement."""

    NOBODY_WANTED = "nobody_wanted", "市町が候補を希望しなかった"
    NOBODY_LEFT = "nobody_left", "候補がいなくなった"
    NEED_CHANGED = "need_changed", "案件の内容が変わった"
    BUDGET = "budget", "予算が確保できなかった"
    INTERVIEW = "interview", "面接の結果"
    OVERDUE = "overdue", "決定の期限が過ぎた"
    WITHDRAWN = "withdrawn", "案件の取下げ"
    PERIOD = "period", "案件の期間が終わった"
    NO_PROSPECT = "no_prospect", "候補の方に受けてもらえる見込みがない"
    REPLAN = "replan", "マッチングをやり直す"


# What a town may give as its own reason for stepping back.
TOWN_REASONS = (
    CloseReason.INTERVIEW,
    CloseReason.BUDGET,
    CloseReason.NEED_CHANGED,
    CloseReason.WITHDRAWN,
)
# What the prefecture may give.
PREFECTURE_REASONS = (
    CloseReason.NO_PROSPECT,
    CloseReason.REPLAN,
    CloseReason.NEED_CHANGED,
    CloseReason.BUDGET,
)


class AsideReason(models.TextChoices):
    """Why the prefecture sets a candidate aside whom a town wants."""

    DAYS = "days", "稼働枠が足りない"
    TOWNS = "towns", "受け持てる市町の数を超える"
    CONFLICT = "conflict", "利益相反のおそれがある"
    RENEWAL = "renewal", "登録の更新が済んでいない"
    CONSENT = "consent", "お名前の開示の同意がない"
    OTHER = "other", "その他"
