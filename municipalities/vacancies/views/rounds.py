"""The town's answer to the monthly round."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import for_municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies import services
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.models import JointTown, RoundAnswer, Vacancy
from municipalities.vacancies.services.answers import is_frozen, still_counting
from municipalities.vacancies.services.gaps import gaps_of
from municipalities.vacancies.views.states import shown
from talentpool.conventions.months import first_of_month
from talentpool.conventions.numbers import number_in


@for_municipality
def monthly_round(request: HttpRequest) -> HttpResponse:
    today = timezone.localdate()
    answers = RoundAnswer.objects.visible_to(request.user).select_related("round")
    if request.method == "POST":
        return _confirm(request, answers)
    answer = _shown(answers, today)
    published = Vacancy.objects.visible_to(request.user).filter(status=Vacancy.Status.PUBLISHED)
    joined = JointTown.objects.visible_to(request.user).filter(
        municipality_id=municipality_code_of(request.user),
        vacancy__status=Vacancy.Status.PUBLISHED,
    )
    context = {
        "answer": answer,
        "late": answer is not None and answer.round.cut_off < today,
        "frozen": answer is not None and is_frozen(answer.round.month),
        "published": [(row, shown(row)) for row in published.order_by("vacancy_no")],
        "gaps": gaps_of(published, today),
        "joined": joined.select_related("vacancy__municipality"),
    }
    return render(request, "vacancies/round.html", context)


def _shown(answers: QuerySet[Any], today: date) -> RoundAnswer | None:
    """The question that the page is about: the oldest that waits for an answer and still counts,
    else the running month's, else the last one that can be answered anew."""
    counting = still_counting(answers, today)
    found: RoundAnswer | None = (
        counting.filter(answered_at=None).first()
        or answers.filter(round__month=first_of_month(today)).first()
        or counting.last()
    )
    return found


def _confirm(request: HttpRequest, answers: QuerySet[Any]) -> HttpResponse:
    """Answer the question that stood on the page, which need not be the newest."""
    asked = number_in(request.POST.get("round", ""))
    answer = get_object_or_404(answers, round=asked)
    try:
        said = services.confirm_round(answer, by=request.user).get_kind_display()  # type: ignore[arg-type]
    except VacanciesError as error:
        messages.error(request, str(error))
    else:
        until = "県が確定するまで" if answer.round.cut_off < timezone.localdate() else "締切まで"
        messages.success(
            request,
            f"{answer.round.month.month}月分に「{said}」と回答しました。{until}は、いつでも直せます。",
        )
    return redirect("town:round")
