"""When personal data may have leaked: who is affected, by the access log, and the first report.

Source: 個人情報保護法68条, 規則43条: more than 100 people for public bodies; one is enough for
sensitive data, risk of property damage or malice. The items of the report are not confirmed.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Max, Min
from django.utils import timezone

from talentpool.conventions.cells import write_csv
from talentpool.conventions.era import format_both
from talentpool.specialists.models import ProfileView

REPORT_ABOVE = 100  # people; a public body reports when there are more
FIRST_REPORT_DAYS = (3, 5)  # calendar days from knowing; not confirmed
FINAL_REPORT_DAYS, FINAL_IF_MALICIOUS = 30, 60


@dataclass(frozen=True, slots=True)
class Affected:
    """A person whom somebody in question has looked at."""

    person: int
    pool_number: str
    views: int
    first: datetime
    last: datetime
    with_name: bool


def affected(
    user: Any,
    *,
    since: date,
    until: date,
    actor: str = "",
    body: str = "",
    pool_numbers: tuple[str, ...] = (),
) -> list[Affected]:
    """People looked at from `since` to `until` (both included), by pool number.

    `actor` is the mail address of an account, `body` the name of a body as the log has it,
    `pool_numbers` limits the objects. `user` bounds what can be asked: see `visible_to`.
    """
    zone = timezone.get_current_timezone()
    start = datetime.combine(since, time.min, zone)
    end = datetime.combine(until + timedelta(days=1), time.min, zone)
    views = ProfileView.objects.visible_to(user).filter(at__gte=start, at__lt=end)
    if actor:
        views = views.filter(viewer__email=actor.strip().lower())
    if body:
        views = views.filter(viewer_body=body)
    if pool_numbers:
        views = views.filter(specialist__pool_number__in=pool_numbers)
    named = set(
        views.exclude(scope__in=["blind", "pool_number"]).values_list("specialist_id", flat=True)
    )
    rows = (
        views.order_by()
        .values("specialist_id", "specialist__pool_number")
        .annotate(views=Count("pk"), first=Min("at"), last=Max("at"))
        .order_by("specialist__pool_number")
    )
    return [
        Affected(
            row["specialist_id"],
            row["specialist__pool_number"],
            row["views"],
            row["first"],
            row["last"],
            row["specialist_id"] in named,
        )
        for row in rows
    ]


def as_csv(people: list[Affected]) -> bytes:
    """The list as a file for people: numbers only, names stay in the portal."""
    return write_csv(
        [
            ["登録番号", "閲覧の回数", "最初の閲覧", "最後の閲覧", "氏名まで見た"],
            *(
                [
                    one.pool_number,
                    one.views,
                    f"{timezone.localtime(one.first):%Y-%m-%d %H:%M}",
                    f"{timezone.localtime(one.last):%Y-%m-%d %H:%M}",
                    "はい" if one.with_name else "いいえ",
                ]
                for one in people
            ),
        ],
        for_people=True,
    )


def must_report(people: int, *, grave: bool) -> bool:
    """Whether the commission is told: more than a hundred people, or one where it is grave."""
    return people > REPORT_ABOVE or (grave and people > 0)


def first_report(
    people: list[Affected], *, known_on: date, grave: bool, malicious: bool, cause: str
) -> str:
    """Draft of the first report (速報) to the commission, with what is known so far."""
    named = sum(one.with_name for one in people)
    first, last = (known_on + timedelta(days=days) for days in FIRST_REPORT_DAYS)
    final = known_on + timedelta(days=FINAL_IF_MALICIOUS if malicious else FINAL_REPORT_DAYS)
    duty = "報告の対象" if must_report(len(people), grave=grave) else "人数だけでは報告の対象外"
    return "\n".join(
        [
            "保有個人情報の漏えい等報告（速報・案）",
            "",
            f"報告する機関：{settings.PREFECTURE_NAME} {settings.PREFECTURE_OFFICE}",
            f"事態を知った日：{format_both(known_on)}",
            f"速報の目安：{format_both(first)}から{format_both(last)}まで",
            f"確報の期限：{format_both(final)}",
            "",
            f"1 概要：{cause or '(記入してください)'}",
            "2 漏えい等が発生し、又は発生したおそれがある保有個人情報の項目：登録番号、区分、"
            "業務分野とレベル、稼働可能日、報酬の希望"
            + ("、氏名、フリガナ、所属、勤務先" if named else ""),
            f"3 本人の数：{len(people)}人（うち氏名まで見られた人 {named}人）。{duty}"
            f"（{REPORT_ABOVE}人を超えるとき。要配慮個人情報、財産的被害のおそれ、"
            "不正の目的のときは1人から）",
            "4 原因：(記入してください)",
            "5 二次被害又はそのおそれの有無及び内容：(記入してください)",
            "6 本人への対応の実施状況：(記入してください)",
            "7 公表の実施状況：(記入してください)",
            "8 再発防止のための措置：(記入してください)",
            "9 その他参考となる事項：人数は、ポータルの閲覧記録から数えました。",
        ]
    )
