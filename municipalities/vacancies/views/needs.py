"""The town's pages of its needs."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from municipalities.registry.access import for_municipality
from municipalities.registry.querysets import municipality_code_of
from municipalities.vacancies import services
from municipalities.vacancies.errors import EditConflictError, VacanciesError
from municipalities.vacancies.forms.needs import NeedForm, WithdrawForm
from municipalities.vacancies.hooks import need_sections
from municipalities.vacancies.models import Need
from municipalities.vacancies.services.needs import period_obstacle
from municipalities.vacancies.views.reading import version_read
from talentpool.conventions import weekdays
from talentpool.pages.paging import keyset_page

STEPS = ["案件を出す", "県の聞き取り", "候補の提示", "本人の意向", "面接", "決定", "契約"]
STEP_OF = {
    Need.Status.DRAFT: 1,
    Need.Status.SUBMITTED: 2,
    Need.Status.ACCEPTED: 3,
    Need.Status.FILLED: len(STEPS) + 1,
}
# What stands on the page: the word's shape, who waits on whom, and what comes next.
STATES: dict[str, tuple[str, str]] = {
    Need.Status.DRAFT: (
        "off",
        "まだ県には見えていません。内容を確かめて、県へ提出してください。",
    ),
    Need.Status.SUBMITTED: (
        "wait",
        "県の確認を待っています。県が聞き取りをして、受け付けるか差し戻します。結果はメールで届きます。",
    ),
    Need.Status.ACCEPTED: (
        "info",
        "県が候補を探しています。候補が決まると、この画面とメールでお知らせします。",
    ),
    Need.Status.FILLED: (
        "ok",
        "契約が結ばれました。日数と負担額は、契約のページにあります。",
    ),
    Need.Status.UNFILLED: (
        "wait",
        "合う人材が見つかりませんでした。標準募集様式で公募することができます。",
    ),
    Need.Status.LAPSED: (
        "off",
        "契約に至らないまま、期間が終わりました。まだ必要なときは、新しい案件を出してください。",
    ),
    Need.Status.WITHDRAWN: (
        "off",
        "取り下げました。もう一度出すときは、この内容をもとに新しい案件を作れます。",
    ),
}

COORDINATED = "調整が進んでいます。進み具合は、下の「候補と調整」で確かめられます。"


@for_municipality
def need_list(request: HttpRequest) -> HttpResponse:
    needs = Need.objects.visible_to(request.user).prefetch_related("skills__skill")
    page = keyset_page(needs, request.GET, order=["-pk"])
    rows = [(need, STATES[need.status][0]) for need in page]
    return render(request, "vacancies/need_list.html", {"page": page, "rows": rows})


def facts_of(need: Need) -> dict[str, Any]:
    """What the pages of a need show beside its columns."""
    return {
        "need": need,
        "skills": need.skills.select_related("skill").order_by("pk"),
        "forms": need.forms.all(),
        "weekdays": "・".join(weekdays.names_of(need.weekdays)),
        "months": need.months,
    }


@for_municipality
def need_detail(request: HttpRequest, pk: int) -> HttpResponse:
    need = get_object_or_404(
        Need.objects.visible_to(request.user).select_related("municipality", "vacancy"), pk=pk
    )
    sections = need_sections(need, request.user)
    kind, sentence = STATES[need.status]
    if need.status == Need.Status.ACCEPTED and any(section.step for section in sections):
        sentence = COORDINATED
    sentence = next((section.sentence for section in sections if section.sentence), sentence)
    vacancy = getattr(need, "vacancy", None)
    step = max([STEP_OF.get(Need.Status(need.status), 0), *(section.step for section in sections)])
    return render(
        request,
        "vacancies/need_detail.html",
        {
            **facts_of(need),
            "sections": sections,
            "kind": "late" if need.is_returned else kind,
            "label": "差戻し" if need.is_returned else need.get_status_display(),
            "sentence": sentence,
            "steps_labels": STEPS,
            "step": step,
            "may": {verb: need.allows(verb) for verb in Need.TRANSITIONS},
            "period_obstacle": period_obstacle(need),
            "vacancy": vacancy,
            "vacancy_is_open": vacancy is not None and vacancy.status in vacancy.OPEN,
            "waits_for_decision": vacancy is not None
            and vacancy.outlives_its_need
            and vacancy.kept_on_at is None,
            "is_ended": need.status not in Need.OPEN,
        },
    )


def _edit(request: HttpRequest, need: Need | None, *, again: Need | None = None) -> HttpResponse:
    form = NeedForm(request.POST or None, instance=need, again=again)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                saved = _save(request, form)
            except EditConflictError as error:
                form.add_error(None, str(error))
                status = 409
            else:
                messages.success(request, "下書きを保存しました。内容を確かめて提出してください。")
                return redirect("town:need_detail", pk=saved.pk)
    context = {"form": form, "need": need, "again": again}
    return render(request, "vacancies/need_form.html", context, status=status)


def _save(request: HttpRequest, form: NeedForm) -> Need:
    """Keep what was typed as a new draft, or over the one that the form was opened on."""
    by: Any = request.user
    lists: dict[str, Any] = {"skills": form.chosen_skills, "forms": form.cleaned_data["forms"]}
    if form.instance.pk is None:
        code = str(municipality_code_of(by))
        return services.create_need(form.instance, municipality_code=code, by=by, **lists)
    version = form.cleaned_data.get("version") or 0
    return services.save_need(form.instance, version=version, by=by, **lists)


@for_municipality
def need_create(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@for_municipality
def need_again(request: HttpRequest, pk: int) -> HttpResponse:
    """A new need that begins with the answers of one that has ended."""
    need = get_object_or_404(Need.objects.visible_to(request.user), pk=pk)
    if need.status in Need.OPEN:
        messages.error(request, "この案件は、まだ終わっていません。")
        return redirect("town:need_detail", pk=pk)
    return _edit(request, None, again=need)


@for_municipality
def need_edit(request: HttpRequest, pk: int) -> HttpResponse:
    need = get_object_or_404(Need.objects.visible_to(request.user), pk=pk)
    if not need.allows("submit"):
        messages.error(request, "提出した案件は、県が差し戻すまで直せません。")
        return redirect("town:need_detail", pk=pk)
    return _edit(request, need)


@require_POST
@for_municipality
def need_submit(request: HttpRequest, pk: int) -> HttpResponse:
    need = get_object_or_404(Need.objects.visible_to(request.user), pk=pk)
    try:
        services.submit_need(need, version=version_read(request), by=request.user)  # type: ignore[arg-type]
    except VacanciesError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "県へ提出しました。県の確認が終わると、メールでお知らせします。")
    return redirect("town:need_detail", pk=pk)


@for_municipality
def need_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    need = get_object_or_404(Need.objects.visible_to(request.user), pk=pk)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.withdraw_need(need, note=form.cleaned_data["note"], by=request.user)  # type: ignore[arg-type]
        except VacanciesError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, "案件を取り下げました。")
        return redirect("town:need_detail", pk=pk)
    if not need.allows("withdraw"):
        messages.error(request, "この案件は、もう終わっています。")
        return redirect("town:need_detail", pk=pk)
    return render(
        request,
        "pages/confirm.html",
        {
            "question": "案件を取り下げますか",
            "objects": [need.title],
            "consequence": "取り下げると、候補の調整も終わり、この案件は元に戻せません。",
            "action_label": "案件を取り下げる",
            "cancel_url": reverse("town:need_detail", args=[need.pk]),
            "danger": True,
            "form": form,
        },
    )


@require_POST
@for_municipality
def need_to_vacancy(request: HttpRequest, pk: int) -> HttpResponse:
    need = get_object_or_404(Need.objects.visible_to(request.user), pk=pk)
    try:
        vacancy = services.post_vacancy_from_need(need, by=request.user)  # type: ignore[arg-type]
    except VacanciesError as error:
        messages.error(request, str(error))
        return redirect("town:need_detail", pk=pk)
    messages.success(
        request, "案件の内容を写して、募集情報の下書きを作りました。残りを入れてください。"
    )
    return redirect("town:vacancy_detail", vacancy_no=vacancy.vacancy_no)
