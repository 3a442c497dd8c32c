"""The town's answer to the monthly round."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import for_municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies import services
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.models import JointTown, RoundAnswer, Vacancy
from municipalities.vacancies.services.answers import is_frozen
from municipalities.vacancies.services.gaps import gaps_of
from talentpool.conventions.months import first_of_month


@for_municipality
def monthly_round(request: HttpRequest) -> HttpResponse:
    answers = RoundAnswer.objects.visible_to(request.user).select_related("round")
    month = first_of_month(timezone.localdate())
    answer = answers.filter(round__month=month).first()
    if request.method == "POST":
        answer = get_object_or_404(answers, pk=answer.pk if answer else 0)
        try:
            said = services.confirm_round(answer, by=request.user).get_kind_display()  # type: ignore[arg-type]
        except VacanciesError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, f"「{said}」と回答しました。締切までは、いつでも直せます。")
        return redirect("town:round")
    published = Vacancy.objects.visible_to(request.user).filter(status=Vacancy.Status.PUBLISHED)
    joined = JointTown.objects.visible_to(request.user).filter(
        municipality_id=municipality_code_of(request.user),
        vacancy__status=Vacancy.Status.PUBLISHED,
    )
    context = {
        "answer": answer,
        "frozen": answer is not None and is_frozen(month),
        "published": published.order_by("vacancy_no"),
        "gaps": gaps_of(published, timezone.localdate()),
        "joined": joined.select_related("vacancy__municipality"),
    }
    return render(request, "vacancies/round.html", context)
