"""The town answers the public's questions."""

from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render

from municipalities.registry.access import SignedInRequest, for_municipality
from municipalities.vacancies import services
from municipalities.vacancies.errors import EditConflictError, VacanciesError
from municipalities.vacancies.models import Vacancy, VacancyQuestion
from municipalities.vacancies.views.reading import read_now
from municipalities.vacancies.views.vacancies import find
from talentpool.conventions.numbers import number_in
from talentpool.pages.errors import refuse
from talentpool.pages.forms import PortalForm


class AnswerForm(PortalForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
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


@dataclass(slots=True)
class QuestionRow:
    """A question with its form; `current` where somebody has answered it since it was shown."""

    question: VacancyQuestion
    form: AnswerForm
    current: bool = False

    @property
    def is_unsaved(self) -> bool:
        """Whether something was typed that is not what is saved."""
        return self.form.is_bound and not _says(self.form, self.question)


@for_municipality
def vacancy_questions(request: SignedInRequest, vacancy_no: str) -> HttpResponse:
    """All questions in one form: what is typed beside the others stays when one is saved."""
    vacancy = find(request, vacancy_no)
    if request.method != "POST":
        return _page(request, vacancy, [_row(question) for question in vacancy.questions.all()])
    number = number_in(request.POST.get("question", ""))
    if request.POST.get("question"):
        get_object_or_404(vacancy.questions, pk=number)
    rows = [_row(question, request.POST) for question in vacancy.questions.all()]
    pressed = next((row for row in rows if row.question.pk == number), None)
    if pressed is None:  # Enter, which stands on no question's button
        messages.error(request, "まだ保存していません。保存する質問のボタンを押してください。")
        return _page(request, vacancy, rows, status=422)
    status = _answer(request, pressed)
    if status != 200:
        return _page(request, vacancy, rows, pressed.form, status)
    rows[rows.index(pressed)] = _row(vacancy.questions.get(pk=number))
    if not any(row.is_unsaved for row in rows):
        messages.success(request, "回答を保存しました。")
        return redirect("town:vacancy_questions", vacancy_no=vacancy_no)
    messages.success(
        request, "回答を保存しました。ほかの質問に入れた言葉は残っています。まだ保存していません。"
    )
    return _page(request, vacancy, rows)


def _says(form: AnswerForm, question: VacancyQuestion) -> bool:
    """Whether the form holds what is saved."""
    typed = (form["answer"].value() or "").strip()
    return (typed, bool(form["hidden"].value())) == (question.answer, question.hidden)


def _row(question: VacancyQuestion, posted: QueryDict | None = None) -> QuestionRow:
    """The question with what was typed beside it, else with what is saved: where nothing was typed,
    or where it was answered since by a colleague and the box stayed as empty as it was shown."""
    prefix = f"q{question.pk}"
    if posted is not None and f"{prefix}-answer" in posted:
        form = AnswerForm(posted, prefix=prefix)
        empty = not (form["answer"].value() or "").strip() and not form["hidden"].value()
        is_old = form["version"].value() != str(question.version)
        is_pressed = posted.get("question") == str(question.pk)
        if is_pressed or not (empty and is_old):
            return QuestionRow(question, form, current=is_old and not _says(form, question))
    initial = {
        "version": question.version,
        "answer": question.answer,
        "hidden": question.hidden,
    }
    return QuestionRow(question, AnswerForm(initial=initial, prefix=prefix))


def _answer(request: SignedInRequest, row: QuestionRow) -> int:
    """Save what was typed beside the question; returns the status of the page."""
    if not row.form.is_valid():
        return 422
    typed = {**row.form.cleaned_data, "version": row.form.cleaned_data["version"] or 0}
    try:
        services.answer_question(row.question, **typed, by=request.user)
    except EditConflictError:
        row.question.refresh_from_db()
        if _says(row.form, row.question):
            return 200  # the same again, such as by a second click
        row.form.data = read_now(request.POST, row.question, row.form.add_prefix("version"))
        refuse(row.form, "ほかの人が、この質問に先に答えました。", beside="answer")
        row.current = True
        return 409
    except VacanciesError as error:
        row.form.add_error("answer", str(error))
        return 422
    return 200


def _page(
    request: SignedInRequest,
    vacancy: Vacancy,
    rows: list[QuestionRow],
    sent: AnswerForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {"vacancy": vacancy, "rows": rows, "answer_form": sent}
    return render(request, "vacancies/vacancy_questions.html", context, status=status)
