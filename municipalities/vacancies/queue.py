"""What needs and vacancies put on the home pages: things to do, for the prefecture and a town."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.querysets import municipality_code_of
from municipalities.registry.queue import QueueItem, due_tag
from municipalities.vacancies.models import (
    JointTown,
    MinistryExport,
    Need,
    RoundAnswer,
    Vacancy,
    VacancyQuestion,
)
from municipalities.vacancies.services.answers import still_counting
from municipalities.vacancies.services.exports import months_to_freeze
from municipalities.vacancies.services.gaps import gaps_of
from municipalities.vacancies.views.states import why_left_over
from talentpool.conventions.months import add_months, first_of_month

SHOWN = 20  # rows of one source; the list behind the link has them all


def coordinator_queue(user: Any) -> Iterator[QueueItem]:
    """Needs to accept and vacancies to publish, the oldest first; the month's next step."""
    yield from _month_queue(user)
    yield from _gaps_queue(user)
    needs = Need.objects.visible_to(user).filter(status=Need.Status.SUBMITTED)
    shown = needs.select_related("municipality").only("title", "municipality__name")
    for need in shown.order_by("submitted_at")[:SHOWN]:
        yield QueueItem(
            title=f"{need.municipality}の案件「{need.title}」を確かめる",
            detail="市町が提出し、県の受付を待っています。",
            url=reverse("admin:vacancies_need_review", args=[need.pk]),
            action="確かめる",
        )
    vacancies = Vacancy.objects.visible_to(user).filter(
        Q(status=Vacancy.Status.SUBMITTED) | Q(change=Vacancy.ChangeState.SUBMITTED)
    )
    waiting = Coalesce("change_submitted_at", "submitted_at")
    submitted = vacancies.select_related("municipality").only(
        "vacancy_no", "position_title", "change", "municipality__name"
    )
    for vacancy in submitted.order_by(waiting, "pk")[:SHOWN]:
        yield QueueItem(
            title=f"{vacancy.municipality}の募集情報「{vacancy.position_title}」を確かめる",
            detail="市町が変更を提出し、公表を待っています。"
            if vacancy.change
            else "市町が提出し、公表を待っています。",
            url=reverse("admin:vacancies_vacancy_review", args=[vacancy.pk]),
            action="確かめる",
        )


def _gaps_queue(user: Any) -> Iterator[QueueItem]:
    """Published vacancies that lack what a new version of the form asks for."""
    count = len(gaps_of(Vacancy.objects.visible_to(user), timezone.localdate()))
    if count:
        yield QueueItem(
            title=f"新しい様式の項目が入っていない募集情報が{count}件あります",
            detail="市町に入力を頼んであります。公表は、そのまま続いています。",
            url=reverse("admin:vacancies_vacancy_gaps"),
            action="見る",
        )


def _month_queue(user: Any) -> Iterator[QueueItem]:
    """The next steps of the submissions: every batch on its way, of whatever month, and from the
    cut-off on what is to be frozen of this month or the one before."""
    today = timezone.localdate()
    over = {MinistryExport.Status.DISCARDED, MinistryExport.Status.SUBMITTED}
    going_on = ~Q(status__in=over)
    late = Q(month__gte=add_months(first_of_month(today), -1))
    rows = MinistryExport.objects.visible_to(user).filter(going_on | late)
    exports = list(rows.only("month", "status").order_by("month"))
    for export in [row for row in exports if row.status not in over][:SHOWN]:
        yield _batch_item(export)
    for month, round_ in months_to_freeze(today, exports):
        detail = "締切を過ぎました。この月は、市町に確認を頼んでいません。"
        if round_ is not None:
            silent = round_.answers.filter(answered_at=None).count()
            detail = f"市町の回答を締め切りました。未回答は{silent}市町です。"
        yield QueueItem(
            title=f"{month.month}月分の募集情報を確定する",
            detail=detail,
            url=_month_url(month),
            action="確定に進む",
            label="締切後",
            kind="late",
        )


def _month_url(month: date) -> str:
    return reverse("admin:vacancies_ministryexport_month", args=[f"{month:%Y-%m}"])


def _batch_item(export: MinistryExport) -> QueueItem:
    month = export.month.month
    if export.status == MinistryExport.Status.DRAFT:
        return QueueItem(
            title=f"{month}月分の月次提出の決裁を記録する",
            detail="内容は確定しています。文書番号と決裁日を入れてください。",
            url=_month_url(export.month),
            action="記録する",
            label="決裁前",
            kind="wait",
        )
    return QueueItem(
        title=f"{month}月分の募集情報を国へ提出する",
        detail="決裁済みです。ファイルを提出したら、提出済みにしてください。",
        url=_month_url(export.month),
        action="提出に進む",
        label="決裁済み",
        kind="wait",
    )


def _joint_queue(user: Any) -> Iterator[QueueItem]:
    """Where another town asks to post together."""
    asked = JointTown.objects.visible_to(user).filter(
        municipality_id=municipality_code_of(user),
        status=JointTown.Status.ASKED,
        vacancy__status__in=Vacancy.OPEN,
    )
    for answer in asked.select_related("vacancy__municipality").order_by("asked_at")[:SHOWN]:
        vacancy = answer.vacancy
        yield QueueItem(
            title=f"{vacancy.municipality}との共同の募集「{vacancy.position_title}」に同意するか答える",
            detail="全員の同意がそろうまで、県へ提出されません。",
            url=reverse("town:joint_detail", args=[vacancy.vacancy_no]),
            action="答える",
        )


def town_queue(user: Any) -> Iterator[QueueItem]:
    """The monthly question, returned needs, needs that found nobody, vacancies to finish."""
    today = timezone.localdate()
    asked = RoundAnswer.objects.visible_to(user).filter(answered_at=None)
    for answer in still_counting(asked.select_related("round"), today):
        late = answer.round.cut_off < today
        yield QueueItem(
            title=f"{answer.round.month.month}月分の募集情報に変わりがないか答える",
            detail="締切を過ぎましたが、県が確定するまでは、まだ答えられます。"
            if late
            else "募集がない場合も、お答えください。過ぎると、県から連絡します。",
            url=reverse("town:round"),
            action="答える",
            due=answer.round.cut_off,
            **due_tag(answer.round.cut_off, today),
        )
    yield from _joint_queue(user)
    for gap in gaps_of(Vacancy.objects.visible_to(user).filter(change=""), today)[:SHOWN]:
        yield QueueItem(
            title=f"募集情報「{gap.vacancy.position_title}」に新しい様式の項目を入れる",
            detail="標準募集様式が新しくなりました。公表は、そのまま続いています。",
            url=reverse("town:form_gaps"),
            action="入れる",
        )
    over = Vacancy.objects.visible_to(user).over_on(today).filter(change="")
    for vacancy in over.order_by("close_date", "pk")[:SHOWN]:
        yield QueueItem(
            title=f"募集情報「{vacancy.position_title}」の結果を入れる",
            detail="締切を過ぎました。選考が終わったら、結果を入れて募集を終了してください。",
            url=reverse("town:vacancy_close", args=[vacancy.vacancy_no]),
            action="結果を入れる",
            label="締切後",
            kind="late",
        )
    needs = Need.objects.visible_to(user).filter(
        Q(status=Need.Status.DRAFT) | Q(status=Need.Status.UNFILLED, vacancy__isnull=True)
    )
    for need in needs.order_by("-updated_at")[:SHOWN]:
        url = reverse("town:need_detail", args=[need.pk])
        if need.status == Need.Status.UNFILLED:
            yield QueueItem(
                title=f"案件「{need.title}」を公募するか決める",
                detail="合う人材が見つかりませんでした。標準募集様式で公募できます。",
                url=url,
                action="公募に進む",
                label="該当者なし",
                kind="wait",
            )
        elif need.is_returned:
            yield QueueItem(
                title=f"案件「{need.title}」を直して提出する",
                detail="県から差し戻されました。",
                url=url,
                action="直す",
                label="差戻し",
                kind="late",
            )
        else:
            yield QueueItem(
                title=f"案件「{need.title}」を提出する",
                detail="下書きのままです。提出するまで県には見えません。",
                url=url,
                action="続ける",
                label="下書き",
                kind="off",
            )
    questions = VacancyQuestion.objects.to_answer().filter(
        vacancy__in=Vacancy.objects.visible_to(user).filter(status=Vacancy.Status.PUBLISHED)
    )
    for question in questions.select_related("vacancy").order_by("asked_at")[:SHOWN]:
        yield QueueItem(
            title=f"募集情報「{question.vacancy.position_title}」への質問に答える",
            detail="回答すると、質問と回答が公開されます。",
            url=reverse("town:vacancy_questions", args=[question.vacancy.vacancy_no]),
            action="答える",
        )
    left = Vacancy.objects.visible_to(user).left_over().select_related("need").order_by("pk")
    for vacancy in left[:SHOWN]:
        yield _left_over_item(vacancy)
    vacancies = (
        Vacancy.objects.visible_to(user)
        .filter(Q(status=Vacancy.Status.DRAFT) | Q(change=Vacancy.ChangeState.DRAFT))
        .exclude(pk__in=left.values("pk"))
    )
    for vacancy in vacancies.order_by("-changed_at")[:SHOWN]:
        returned = vacancy.is_returned
        yield QueueItem(
            title=f"募集情報「{vacancy.position_title or vacancy.vacancy_no}」を仕上げる",
            detail="県から差し戻されました。"
            if returned
            else "提出すると、県が確かめて公表します。",
            url=reverse("town:vacancy_detail", args=[vacancy.vacancy_no]),
            action="直す" if returned else "続ける",
            label="差戻し" if returned else "下書き",
            kind="late" if returned else "off",
        )


def _left_over_item(vacancy: Vacancy) -> QueueItem:
    """A vacancy that goes on though the need that it was made of has ended."""
    published = vacancy.status == Vacancy.Status.PUBLISHED
    goes_on = "募集は公表されたままで、国への月次提出にも入ります。" if published else ""
    return QueueItem(
        title=f"募集情報「{vacancy.position_title or vacancy.vacancy_no}」の募集を終えるか決める",
        detail=f"{why_left_over(vacancy)}{goes_on}",
        url=reverse("town:vacancy_detail", args=[vacancy.vacancy_no]),
        action="決める",
        label="案件は終了",
        kind="wait",
    )
