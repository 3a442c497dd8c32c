"""The town answers the public's questions."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from municipalities.registry.access import for_municipality
from municipalities.vacancies import services
from municipalities.vacancies.errors import VacanciesError
from municipalities.vacancies.views.vacancies import find
from talentpool.conventions.numbers import number_in
from talentpool.pages.forms import PortalForm


class AnswerForm(PortalForm):
    answer = forms.CharField(
        label="回答",
        max_length=800,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="質問とともに公開されます。個人の名前は書かないでください。",
    )
    hidden = forms.BooleanField(
        label="市町として公開しない",
        required=False,
        help_text="個人の名前や中傷が書かれた質問だけ、公開しないようにできます。",
    )


def _number(request: HttpRequest) -> int:
    return number_in(request.POST.get("question", ""))


@for_municipality
def vacancy_questions(request: HttpRequest, vacancy_no: str) -> HttpResponse:
    vacancy = find(request, vacancy_no)
    questions = list(vacancy.questions.all())
    bound, status = None, 200
    if request.method == "POST":
        question = get_object_or_404(vacancy.questions, pk=_number(request))
        bound = AnswerForm(request.POST, prefix=f"q{question.pk}")
        if bound.is_valid():
            try:
                services.answer_question(question, **bound.cleaned_data, by=request.user)  # type: ignore[arg-type]
            except VacanciesError as error:
                bound.add_error("answer", str(error))
            else:
                messages.success(request, "回答を保存しました。")
                return redirect("town:vacancy_questions", vacancy_no=vacancy_no)
        status = 422
    rows = []
    for question in questions:
        prefix = f"q{question.pk}"
        form = AnswerForm(
            initial={"answer": question.answer, "hidden": question.hidden}, prefix=prefix
        )
        rows.append((question, bound if bound is not None and bound.prefix == prefix else form))
    context = {"vacancy": vacancy, "rows": rows, "answer_form": bound}
    return render(request, "vacancies/vacancy_questions.html", context, status=status)
