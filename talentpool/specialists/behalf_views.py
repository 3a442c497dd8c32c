"""Enter a registration for somebody: the same topics as the person's own, inside the admin, until
the person takes over with an account."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone

from municipalities.registry.access import SignedInRequest, for_coordinator
from talentpool.conventions.era import fiscal_year_label
from talentpool.conventions.months import add_months, first_of_month
from talentpool.files.errors import FileRefused
from talentpool.specialists import behalf_interests, completeness, terms, topic_pages
from talentpool.specialists.behalf_interests import INTERESTS
from talentpool.specialists.completeness import TOPICS
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.vetting import PaperForm
from talentpool.specialists.models import MONTHS_AHEAD, Document, InterestDeclaration, Specialist
from talentpool.specialists.services import answered_months, behalf, log_views, registration
from talentpool.specialists.topic_pages import FORMS

AUTOSAVE = "X-Autosave"  # what the script that keeps typed text says


def _person(request: SignedInRequest, pk: int) -> Specialist:
    """Somebody for whom staff may write now; 404 for all others."""
    person: Specialist = get_object_or_404(
        Specialist.objects.visible_to(request.user).select_related(
            "base", "firm", "background", "work_profile"
        ),
        pk=pk,
    )
    if not registration.is_writable_for(person, request.user):
        raise Http404
    return person


def _log(request: SignedInRequest, person: Specialist) -> None:
    log_views(
        [person.pk], viewer=request.user, scope="name", purpose="本人に代わって登録を入力するため"
    )


@for_coordinator
def topics(request: SignedInRequest, pk: int) -> HttpResponse:
    """The topics with what each lacks."""
    person = _person(request, pk)
    missing = completeness.missing_of(person)
    _log(request, person)
    rows = [(code, TOPICS[code], missing.get(code, [])) for code in [*FORMS, "documents"]]
    year = terms.declaration_year(timezone.localdate())
    declared = InterestDeclaration.objects.visible_to(request.user).filter(specialist=person)
    lacks = [] if declared.counting(year).exists() else [f"{fiscal_year_label(year)}の申告"]
    rows.append(("interests", INTERESTS, lacks))
    first = first_of_month(timezone.localdate())
    months = [add_months(first, index) for index in range(MONTHS_AHEAD)]
    unanswered = len(months) - len(answered_months(person, months))
    days_lack = f"{unanswered}か月分" if unanswered else "ありません"
    context = {"person": person, "rows": rows, "days_lack": days_lack}
    return render(request, "specialists/admin/topics.html", context)


@for_coordinator
def topic(request: SignedInRequest, pk: int, topic: str) -> HttpResponse:
    """One topic, with the form that the person would have."""
    person = _person(request, pk)
    if topic == "interests":
        return behalf_interests.page(request, person)
    if topic == "documents":
        return _documents(request, person)
    if topic not in FORMS:
        raise Http404
    if request.method == "POST" and AUTOSAVE in request.headers:
        return topic_pages.keep_typed(request, person, topic)
    answer = topic_pages.work(request, person, topic)
    if answer.is_done:
        if answer.is_saved:
            messages.success(request, f"「{TOPICS[topic]}」を保存しました。")
        return redirect("admin:specialists_specialist_topics", pk=person.pk)
    _log(request, person)
    context = {
        "person": person,
        "label": TOPICS[topic],
        "autosave_url": request.path,
        **answer.context,
    }
    return render(request, "specialists/admin/topic.html", context, status=answer.status)


def _documents(request: SignedInRequest, person: Specialist) -> HttpResponse:
    """What the person sent on paper or by mail, with how it came."""
    sent = request.method == "POST"
    form = PaperForm(request.POST if sent else None, request.FILES if sent else None)
    if sent and form.is_valid() and _take_in(request, person, form):
        messages.success(request, "書類を入れました。ウイルスの検査が終わると、開けます。")
        return redirect("admin:specialists_specialist_topic", pk=person.pk, topic="documents")
    _log(request, person)
    documents = Document.objects.visible_to(request.user).filter(specialist=person)
    context = {"person": person, "form": form, "documents": documents.select_related("file")}
    return render(
        request, "specialists/admin/topic_documents.html", context, status=422 if sent else 200
    )


def _take_in(request: SignedInRequest, person: Specialist, form: PaperForm) -> bool:
    data = form.cleaned_data
    file, label = data["file"], Document.Kind(data["kind"]).label
    try:
        # It takes long: before the person is locked.
        cleaned = registration.clean_document(
            kind=data["kind"], name=file.name, content=file.read()
        )
        behalf.enter_for(
            person,
            f"書類（{label}）を入れました",
            lambda: registration.add_document(
                person, kind=data["kind"], name=file.name, content=cleaned, by=request.user
            ),
            reason=data["reason"],
            by=request.user,
            thing=file.name,
        )
    except FileRefused as refusal:
        form.add_error("file", str(refusal))
    except PoolRefused as refusal:
        form.add_error(None, str(refusal))
    else:
        return True
    return False
