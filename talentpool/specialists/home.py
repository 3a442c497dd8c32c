"""What a person has to do about the own registration, for the home page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Literal

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.querysets import municipality_code_of
from municipalities.registry.queue import QueueItem
from talentpool.conventions.era import fiscal_year_label, format_month
from talentpool.files.models import StoredFile
from talentpool.pages.counting import capped, count_together
from talentpool.specialists import completeness, terms
from talentpool.specialists.models import Firm, InterestDeclaration, LobbyingRecord, Specialist
from talentpool.specialists.models.consent import REQUIRED
from talentpool.specialists.services import asking, consent
from talentpool.specialists.services.availability import last_answered_month

ASK_AFTER = timedelta(days=30)
SHOWN = 20
WAITS_FOR_DECISION = (Specialist.Status.APPLIED, Specialist.Status.UNDER_REVIEW)


def registration_of(user: Any) -> Iterator[QueueItem]:
    """A registration that was begun, sent back or is to be renewed."""
    person = Specialist.objects.visible_to(user).filter(user=user).first()
    if person is None:
        return
    today = timezone.localdate()
    until = person.registered_until
    if person.status == Specialist.Status.DRAFT:
        yield QueueItem(
            "登録の続き",
            "すべて入れて申請すると、県が内容を確かめます",
            reverse("specialist:registration"),
            "続ける",
            label="入力中",
            kind="wait",
        )
    else:
        yield from _words_of(person)
    if person.may_renew and terms.renewal_is_open(until, today) and until is not None:
        late = until < today
        yield QueueItem(
            "登録の更新",
            "期限が過ぎると、打診が届かなくなります",
            reverse("specialist:registration_renew"),
            "更新する",
            due=until,
            label="期限超過" if late else "更新",
            kind="late" if late else "wait",
        )
    yield from _permit_of(person, today)
    yield from _asked_of_new_kind(person)


def _asked_of_new_kind(person: Specialist) -> Iterator[QueueItem]:
    """What is asked of the kind under which the prefecture has registered the person since."""
    if person.belonging_changed_at is None or person.status not in Specialist.IN_POOL:
        return
    lacks = completeness.missing_of(person).get("background", [])
    if lacks:
        yield QueueItem(
            "登録の区分が変わりました",
            f"新しい区分で要る内容を入れてください：{'、'.join(lacks)}",
            reverse("specialist:registration_topic", args=["background"]),
            "入れる",
            label="未記入",
            kind="wait",
        )


def _words_of(person: Specialist) -> Iterator[QueueItem]:
    """Words in force to which somebody in the pool, or whom the prefecture looks at, has not agreed
    yet."""
    if person.status not in (*WAITS_FOR_DECISION, *Specialist.IN_POOL):
        return
    lacking = {text.is_pledge for text in consent.missing(person, REQUIRED)}
    in_pool = person.status in Specialist.IN_POOL
    for is_pledge, topic, label in ((False, "consent", "同意"), (True, "pledges", "誓約")):
        if is_pledge not in lacking:
            continue
        then = "更新できません" if is_pledge else "市町に紹介されないことがあります"
        yield QueueItem(
            f"新しい文面への{label}" if in_pool else f"{label}がまだです",
            f"答えるまでのあいだ、{then if in_pool else '県は登録できません'}",
            reverse("specialist:registration_topic", args=[topic]),
            "読んで答える",
            label=label,
            kind="wait",
        )


def _permit_of(person: Specialist, today: date) -> Iterator[QueueItem]:
    """A permission of side work that ends within 30 days, or has ended."""
    until = person.side_job_permit_until
    in_pool = person.status in Specialist.IN_POOL
    if in_pool and until and person.needs_permit and until <= today + terms.PERMIT_IS_ASKED_FOR:
        late = until < today
        yield QueueItem(
            "副業の許可・承諾の期限",
            "勤務先で更新し、新しい期限と書類を入れてください。期限の後の月は、候補になりません",
            reverse("specialist:registration_topic", args=["background"]),
            "期限を直す",
            due=until,
            label="期限超過" if late else "許可",
            kind="late" if late else "wait",
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of work of the coordinators: the rows it is counted by, in `unit`, and the address
    of its list."""

    rows: QuerySet[Any]
    title: str
    unit: str
    detail: str
    url: str
    action: str = "一覧を見る"
    label: str = "新着"
    kind: str = "wait"


def unsettled_url() -> str:
    """The list of whose kind waits for a coordinator to settle it."""
    listed = reverse("admin:specialists_specialist_changelist")
    states = ",".join((*WAITS_FOR_DECISION, *Specialist.IN_POOL))
    return f"{listed}?kind_unsettled_since__isempty=0&status__in={states}"


def _waiting(user: Any) -> list[Waiting]:
    people = Specialist.objects.visible_to(user)
    listed = reverse("admin:specialists_specialist_changelist")
    ends = terms.term_end(timezone.localdate())
    in_pool = ",".join(Specialist.IN_POOL)
    return [
        Waiting(
            people.filter(status__in=WAITS_FOR_DECISION),
            "登録の審査",
            "件",
            "申請した人が待っています",
            reverse("admin:specialists_specialist_review_queue"),
            action="審査する",
            kind="info",
        ),
        Waiting(
            people.changed(),
            "登録のあとに変わった内容",
            "人",
            "業務分野やレベル、許可の要否を、本人が変えました。もう打診の候補に使われています",
            reverse("admin:specialists_specialist_changed"),
            action="確かめる",
            label="変更",
        ),
        Waiting(
            people.filter(user=None, status__in=Specialist.IN_POOL, registered_until__lt=ends),
            "書面で更新する登録",
            "件",
            "利用者のない人の登録が、期限を迎えます。書面を受け取り、審査の画面で更新してください",
            f"{listed}?user__isnull=True&status__in={in_pool}"
            f"&registered_until__lt={ends.isoformat()}",
            label="更新",
        ),
        Waiting(
            people.filter(user=None, status=Specialist.Status.DRAFT),
            "利用者のない人の下書き",
            "件",
            "本人に代わって内容を直し、審査の画面で、申請として受け付けてください",
            f"{listed}?user__isnull=True&status__exact=draft",
            label="入力中",
        ),
        Waiting(
            people.without_firm().filter(left_firm_on=None),
            "事業者の同意がない社員",
            "人",
            "事業者が同意するまで、市町に紹介されません",
            f"{listed}?kind__exact=firm&firm_agreed_at__isnull=True&left_firm_on__isempty=1"
            f"&status__in={','.join(WAITS_FOR_DECISION)},{in_pool}",
            label="同意",
        ),
        Waiting(
            people.exclude(left_firm_on=None),
            "事業者を退職した人",
            "名",
            "本人に確かめ、区分と所属を変えてください。それまで、市町に紹介されません",
            f"{listed}?left_firm_on__isempty=0",
            label="所属",
        ),
        Waiting(
            people.unsettled(),
            "区分を確かめる人",
            "人",
            "「大学等・国のリスト」が2つに分かれました。どちらか、そのほかかを、1人ずつ決めてください",
            unsettled_url(),
            label="区分",
        ),
        Waiting(
            Firm.objects.exclude(unseen_since=None),
            "みずから登録した事業者",
            "社",
            "法人番号と担当者を確かめてください",
            reverse("admin:specialists_firm_changelist") + "?unseen_since__isempty=0",
            label="事業者",
        ),
        Waiting(
            StoredFile.objects.waiting().filter(tries__gte=1),
            "ウイルスの検査ができない書類",
            "件",
            "検査が済むまで、だれも開けません",
            reverse("admin:files_storedfile_changelist") + "?state__exact=waiting",
            label="検査待ち",
            kind="late",
        ),
    ]


def for_coordinator(user: Any) -> Iterator[QueueItem]:
    """What waits for the coordinators in the pool, counted together: a line for each kind of
    which there is any."""
    kinds = {one.title: one for one in _waiting(user)}
    counts = count_together({title: one.rows for title, one in kinds.items()})
    for title, one in kinds.items():
        if number := counts[title]:
            yield QueueItem(
                f"{title} {capped(number, one.unit)}",
                one.detail,
                one.url,
                one.action,
                label=one.label,
                kind=one.kind,
            )


def for_specialist(user: Any) -> Iterator[QueueItem]:
    """Days that were not confirmed for a month, months ahead that were never answered; ties that
    were not declared this fiscal year."""
    people = Specialist.objects.visible_to(user).registered().filter(user=user)
    person = people.annotate(answered_until=last_answered_month()).first()
    if person is None:
        return
    if person.confirmed_at is None or timezone.now() - person.confirmed_at > ASK_AFTER:
        yield QueueItem(
            "稼働可能日は、いまも合っていますか",
            "確認が古くなると、打診の順番が下がります",
            reverse("specialist:days"),
            "確かめる",
            label="確認",
            kind="wait",
        )
    until = person.answered_until
    if asking.ends_soon(until, timezone.localdate()):
        yield QueueItem(
            f"{format_month(until)}より先の稼働可能日" if until else "稼働可能日",
            "まだ入っていない月は、入れるまで打診の候補になりません",
            reverse("specialist:days"),
            "日数を入れる",
            label="未記入",
            kind="wait",
        )
    year = terms.declaration_year(timezone.localdate())
    declared = InterestDeclaration.objects.visible_to(user).filter(specialist=person)
    if not declared.counting(year).exists():
        yield QueueItem(
            f"{fiscal_year_label(year)}の利益相反の申告",
            "会社との関わりを申告してください。申告がないと、候補になったときに「要確認」になります",
            reverse("specialist:interests"),
            "申告する",
            label="申告",
            kind="wait",
        )


def for_manager(user: Any) -> Iterator[QueueItem]:
    """Which of the firm's people wait for its agreement, also those who have just joined."""
    people = Specialist.objects.managed_by(user).filter(firm_agreed_at=None)
    waiting = people.exclude(status__in=["withdrawn", "removed"]).count()
    if waiting:
        yield QueueItem(
            f"会社の同意がない社員 {waiting}人",
            "会社が同意するまで、市町に紹介されません",
            reverse("specialist:firm"),
            "社員を見る",
            label="同意",
            kind="wait",
        )


def lobbying_to_report(user: Any) -> Iterator[QueueItem]:
    """Requests of retired staff that the law forbids and that nobody has reported, for the body
    whose staff was asked."""
    town = municipality_code_of(user)
    records = LobbyingRecord.objects.visible_to(user).filter(
        reported_on__isnull=True, municipality_id=town, corrected_by=None
    )
    for record in records.order_by("happened_on", "pk")[:SHOWN]:
        if record.is_to_report:
            page = "town:lobbying_record" if town else "admin:specialists_lobbyingrecord_change"
            yield QueueItem(
                f"働きかけの届出：{record.subject}",
                "規制に当たる働きかけです。人事委員会等へ届け出て、その日を記録してください",
                reverse(page, args=[record.pk]),
                "記録を見る",
                label="届出",
                kind="late",
            )


def area_without_person(user: Any) -> Literal["firm", "newcomer"] | None:
    """Who speaks for a firm without being in the pool, or has not begun a registration yet, has
    nothing to do with days and approaches: those pages are not there for such an account."""
    if Specialist.objects.filter(user=user).exists():
        return None
    return "firm" if user.kind == "firm" else "newcomer"
