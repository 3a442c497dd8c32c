"""The verbs of an application: send, answer, take back."""

from collections.abc import Callable

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from matching.proposals.application import Application
from matching.proposals.errors import Refused
from municipalities.registry.notices import tell_town
from municipalities.vacancies.models import Vacancy
from talentpool.audit import services as audit
from talentpool.specialists.models import Specialist
from talentpool.specialists.models.consent import INTRODUCED
from talentpool.specialists.notices import tell_specialist
from talentpool.specialists.services.consent import agrees
from talentpool.users.models import User

# What the person ticks; kept with each application in the words that were read.
AGREED_WORDS = "上の登録内容とお名前・メールアドレスを、この市町に送ることに同意する"
ANSWERS = {"invite": "面接などへ進む", "refuse": "見送る"}


def why_not_apply(person: Specialist | None, vacancy: Vacancy) -> str:
    """What keeps the person from applying today; empty for who is registered and may be introduced
    (B-02; of a firm's people both must agree, B-09), where people can apply."""
    today = timezone.localdate()
    if not vacancy.is_open_on(today):
        begins = vacancy.begins_after(today)
        return "この募集は、まだ始まっていません。" if begins else "この募集は終わりました。"
    until = person.registered_until if person is not None else None
    if person is None or person.status != Specialist.Status.REGISTERED or not until:
        return "人材プールの登録が「登録中」ではありません。"
    if until < today:
        return "人材プールの登録の期限が過ぎています。"
    if not Specialist.objects.filter(pk=person.pk).introducible().exists():
        return "市町への紹介への同意(事業者の社員は、勤め先の同意も)がありません。"
    return ""


def may_apply(person: Specialist | None, vacancy: Vacancy) -> bool:
    """Whether nothing keeps the person from applying today."""
    return not why_not_apply(person, vacancy)


def apply_to_vacancy(vacancy: Vacancy, *, message: str, agreed: bool, by: User) -> Application:
    """Send the pool's profile to the town that posts the vacancy. By the registered person, who
    has ticked that it may be sent (`agreed`, kept with the time and the words).

    Raises Refused when it was not ticked, the person is not registered or may not be introduced,
    the vacancy takes no applications, or the person has applied already.
    """
    if not agreed:
        raise Refused("登録内容を市町に送ることへの同意が要ります。")
    try:
        with transaction.atomic():
            return _apply(vacancy, message, by)
    except IntegrityError as error:
        raise Refused("この募集には、もう応募しています。") from error


def _apply(vacancy: Vacancy, message: str, by: User) -> Application:
    person = Specialist.objects.visible_to(by).filter(user=by).first()
    # Locked, so that it does not end meanwhile without the person hearing of it.
    found = Vacancy.objects.public().select_for_update(of=("self",), no_key=True)
    row = found.filter(pk=vacancy.pk).first()
    why = why_not_apply(person, row) if row is not None else "この募集は終わりました。"
    if row is None or person is None or why:
        raise Refused(f"いまは応募できません。{why}")
    now = timezone.now()
    application: Application = Application.objects.create(
        specialist=person,
        vacancy=row,
        message=message.strip(),
        sent_at=now,
        agreed_at=now,
        agreed_words=AGREED_WORDS,
    )
    event = audit.record("apply_to_vacancy", application, by=by)
    tell_town(
        row.municipality_id,
        subject="募集情報に応募がありました",
        first_line="登録されている専門人材から応募がありました。内容を確かめ、返事をしてください。",
        path=reverse("town:application", args=[application.pk]),
        key=f"application:{event.pk}",
    )
    return application


def _locked(application_id: int, verb: str) -> Application:
    row: Application = (
        Application.objects.select_for_update(of=("self",), no_key=True)
        .select_related("specialist__user", "vacancy")
        .get(pk=application_id)
    )
    row.move(verb)
    return row


@transaction.atomic
def answer_application(application_id: int, *, verb: str, by: User) -> Application:
    """Tell the person that it goes on, or that it does not (`verb`: invite, refuse). By the town.

    Raises Refused in a state from which the verb does not start, ValueError on another verb.
    """
    if verb not in ANSWERS:
        raise ValueError(verb)
    row = _locked(application_id, verb)
    row.answered_at = timezone.now()
    row.answered_by = by
    row.save()
    event = audit.record(f"{verb}_application", row, by=by)
    tell_specialist(
        row.specialist,
        subject="応募への返事が届きました",
        first_line="応募した市町から返事が届きました。内容を確かめてください。",
        path=reverse("specialist:applications"),
        key=f"application:{event.pk}",
    )
    return row


@transaction.atomic
def withdraw_application(application_id: int, *, by: User) -> Application:
    """Take the application back: the town no longer sees it. By the person.

    Raises Refused once it was refused or taken back.
    """
    row = _locked(application_id, "withdraw")
    _take_back(row, by)
    return row


def _take_back(row: Application, by: User | None) -> None:
    """Empty a row that was moved to withdrawn, and tell its town."""
    row.withdrawn_at = timezone.now()
    row.message = ""
    row.save()
    audit.record("withdraw_application", row, by=by)
    tell_town(
        row.vacancy.municipality_id,
        subject="応募が取り下げられました",
        first_line="募集情報への応募が1件、取り下げられました。",
        path=reverse("town:applications"),
        key=f"application:{row.pk}:withdrawn",
    )


def what_ends(person: int) -> list[str]:
    """What becomes of the open applications when the person leaves, in words for the page that
    asks."""
    count = Application.objects.filter(specialist=person, status__in=Application.OPEN).count()
    if not count:
        return []
    return [f"応募中の{count}件は、登録をやめるか同意を取り消すと、取下げになります。"]


def prepare(person: int) -> Callable[[User | None], None]:
    """Lock the person's open applications before the person's row; the returned verb takes them
    back: what a town may read rests on the registration and its consents. While these stand, as in
    a pause or when the firm agrees no more, the person's own applications do too."""
    rows = list(
        Application.objects.select_for_update(of=("self",), no_key=True)
        .filter(specialist=person, status__in=Application.OPEN)
        .select_related("vacancy")
        .order_by("pk")
    )

    def end(by: User | None) -> None:
        row = Specialist.objects.get(pk=person)
        if row.status in Specialist.IN_POOL and all(agrees(row, one) for one in INTRODUCED):
            return
        for application in rows:
            application.move("withdraw")
            _take_back(application, by)

    return end


def tell_applicants(vacancy: Vacancy) -> None:
    """Mail those whose applications are open that the vacancy has ended: they would wait in vain.
    Inside the transaction of the verb that ends it. The town can still answer each of them."""
    rows = Application.objects.filter(vacancy=vacancy, status__in=Application.OPEN)
    for row in rows.select_related("specialist__user").order_by("pk"):
        tell_specialist(
            row.specialist,
            subject="応募した募集が終わりました",
            first_line="応募した募集が、終了または取下げになりました。結果は、市町からの連絡で"
            "確かめてください。",
            path=reverse("specialist:applications"),
            key=f"application:{row.pk}:ended",
        )
