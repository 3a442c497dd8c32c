"""Joint posting: the writing town asks, the other towns read and answer."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from municipalities.registry.access import SignedInRequest, for_municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies import services
from municipalities.vacancies.errors import EditConflictError, NotAllowedNowError, VacanciesError
from municipalities.vacancies.models import JointTown, Vacancy
from municipalities.vacancies.views.reading import read_now
from municipalities.vacancies.views.states import shown
from municipalities.vacancies.views.vacancies import (
    answers_of,
    changes_of,
    find,
    joint_rows,
)
from talentpool.pages.forms import PortalForm
from talentpool.pages.paging import keyset_page

KINDS = {
    JointTown.Status.ASKED: "wait",
    JointTown.Status.AGREED: "ok",
    JointTown.Status.DECLINED: "late",
}


class AnswerJointForm(PortalForm):
    """What a town answers: it agrees to the text that it has read, or says what is in the way."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    answer = forms.ChoiceField(
        label="回答",
        choices=[("agree", "この内容で、共同で募集することに同意する"), ("decline", "同意しない")],
        widget=forms.RadioSelect,
    )
    remark = forms.CharField(
        label="同意しない理由・伝えたいこと",
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="同意しないときは、理由か直してほしい点を必ず入れてください。"
        "同意するときも、伝えたいことがあれば入れられます。相手の市町と県に見えます。",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("answer") == "decline" and not (data.get("remark") or "").strip():
            self.add_error("remark", "同意しない理由か、直してほしい点を入れてください。")
        return data


class PaperForm(PortalForm):
    """The answer on paper of a body that has no accounts here."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    town = forms.ChoiceField(label="団体", widget=forms.RadioSelect)
    document_number = forms.CharField(
        label="回答の文書番号",
        max_length=40,
        help_text="同意する旨の回答の番号を入れてください。",
    )

    def __init__(self, *args: Any, towns: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["town"].choices = towns  # type: ignore[attr-defined]


@for_municipality
def joint_list(request: SignedInRequest) -> HttpResponse:
    """Where this town was asked to post together with another."""
    asked = JointTown.objects.visible_to(request.user).filter(
        municipality_id=municipality_code_of(request.user)
    )
    page = keyset_page(
        asked.select_related("vacancy__municipality"), request.GET, order=["-pk"], size=20
    )
    rows = [
        (answer, KINDS[JointTown.Status(answer.status)], shown(answer.vacancy)) for answer in page
    ]
    return render(request, "vacancies/joint_list.html", {"page": page, "rows": rows})


def _own_answer(request: SignedInRequest, vacancy_no: str) -> JointTown:
    answer: JointTown = get_object_or_404(
        JointTown.objects.visible_to(request.user).select_related(
            "vacancy__municipality", "vacancy__form_version", "vacancy__change_form"
        ),
        municipality_id=municipality_code_of(request.user),
        vacancy__vacancy_no=vacancy_no,
    )
    return answer


@for_municipality
def joint_detail(request: SignedInRequest, vacancy_no: str) -> HttpResponse:
    """The text to agree to, and the answer."""
    answer = _own_answer(request, vacancy_no)
    vacancy = answer.vacancy
    form = AnswerJointForm(request.POST or None, initial={"version": vacancy.version})
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                messages.success(request, _answer(request, answer, form))
                return redirect("town:joint_detail", vacancy_no=vacancy_no)
            except EditConflictError as error:  # the page shows the text as it is now
                answer, status = _own_answer(request, vacancy_no), 409
                vacancy = answer.vacancy
                form = AnswerJointForm(read_now(request.POST, vacancy))
                messages.error(request, str(error))
            except VacanciesError as error:
                status = 422
                messages.error(request, str(error))
        else:
            status = 422
    named = answer.municipality_id in vacancy.partner_codes
    values = vacancy.working_values if named else vacancy.values
    context = {
        "answer": answer,
        "named": named,
        "kind": KINDS[JointTown.Status(answer.status)],
        "stale": named
        and answer.status == JointTown.Status.AGREED
        and not answer.agrees_to(vacancy.version),
        "vacancy": vacancy,
        "state": shown(vacancy),
        "open": named and vacancy.status in Vacancy.OPEN,
        "groups": answers_of(vacancy, values),
        "changes": changes_of(vacancy, vacancy.values, values) if vacancy.change else [],
        "joint": joint_rows(vacancy) if named else [],
        "form": form,
    }
    return render(request, "vacancies/joint_detail.html", context, status=status)


def _answer(request: SignedInRequest, answer: JointTown, form: AnswerJointForm) -> str:
    data = form.cleaned_data
    if data["answer"] == "agree":
        services.agree_to_join(
            answer, version=data["version"], remark=data["remark"], by=request.user
        )
        return "同意しました。全員の同意がそろうと、相手の市町が県へ提出します。"
    services.decline_to_join(answer, remark=data["remark"], by=request.user)
    return "同意しないことを伝えました。"


@for_municipality
def vacancy_joint(request: SignedInRequest, vacancy_no: str) -> HttpResponse:
    """The writing town's page: who has agreed, ask, note an answer on paper."""
    vacancy = find(request, vacancy_no)
    rows = joint_rows(vacancy)
    paper = PaperForm(initial={"version": vacancy.version}, towns=_on_paper(vacancy, rows))
    status = 200
    if request.method == "POST":
        try:
            if "ask" in request.POST:
                count = services.ask_partners(vacancy, by=request.user)
                messages.success(request, f"{count}団体に同意を求めました。")
                return redirect("town:vacancy_joint", vacancy_no=vacancy_no)
            paper = PaperForm(request.POST, towns=_on_paper(vacancy, rows))
            if paper.is_valid():
                services.agree_to_join(
                    _asked(vacancy, paper.cleaned_data["town"]),
                    version=paper.cleaned_data["version"],
                    document_number=paper.cleaned_data["document_number"],
                    by=request.user,
                )
                messages.success(request, "文書での同意を記録しました。")
                return redirect("town:vacancy_joint", vacancy_no=vacancy_no)
            status = 422
        except EditConflictError as error:
            vacancy, status = find(request, vacancy_no), 409
            rows = joint_rows(vacancy)
            paper = PaperForm(read_now(request.POST, vacancy), towns=_on_paper(vacancy, rows))
            messages.error(request, str(error))
        except VacanciesError as error:
            messages.error(request, str(error))
            return redirect("town:vacancy_joint", vacancy_no=vacancy_no)
    context = {
        "vacancy": vacancy,
        "joint": rows,
        "may_ask": vacancy.is_writable and any(row["kind"] != "ok" for row in rows),
        "asked_all": all(row["word"] in {"同意", "回答待ち"} for row in rows),
        "paper": paper if paper.fields["town"].choices else None,  # type: ignore[attr-defined]
    }
    return render(request, "vacancies/vacancy_joint.html", context, status=status)


def _asked(vacancy: Vacancy, code: str) -> JointTown:
    """The answer of the body `code`; raises NotAllowedNowError when it was just taken out."""
    answer: JointTown | None = vacancy.joint_towns.filter(municipality_id=code).first()
    if answer is None:
        raise NotAllowedNowError("この募集情報の共同の団体から外れています。")
    return answer


def _on_paper(vacancy: Vacancy, rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The bodies that were asked, have not agreed, and cannot answer here themselves."""
    return [
        (row["town"].code, row["town"].name)
        for row in rows
        if row["answer"] is not None
        and not row["answer"].agrees_to(vacancy.version)
        and not services.answers_by_itself(row["town"].code)
    ]
