"""A person's own registration: the list of topics, one topic a page, check, send in, renew."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import F
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from municipalities.registry.access import SignedInRequest, for_specialist
from talentpool.conventions.era import fiscal_year
from talentpool.files.errors import FileRefused
from talentpool.pages import drafts
from talentpool.specialists import completeness, terms, topic_pages
from talentpool.specialists.answers import answers_of, restrictions_of
from talentpool.specialists.completeness import CONSENTS, TOPICS
from talentpool.specialists.consent_first import to_consent
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.forms.agreeing import AgreeForm, RenewForm
from talentpool.specialists.forms.entry import ConfirmedForm, DocumentForm
from talentpool.specialists.models import (
    Document,
    Interest,
    InterestDeclaration,
    Specialist,
)
from talentpool.specialists.models.consent import PLEDGES, REQUIRED
from talentpool.specialists.services import (
    consent,
    declare_interests,
    leaving,
    people,
    registration,
    vetting,
)
from talentpool.specialists.services.consent import ConsentRefused
from talentpool.specialists.topic_pages import FORMS

AGREEING: dict[str, list[str]] = {
    "consent": CONSENTS,
    "pledges": sorted(PLEDGES, reverse=True),
}
STATES: dict[str, tuple[str, str]] = {
    "draft": ("off", "まだ県には見えていません。すべて入れてから、申請してください。"),
    "applied": ("wait", "申請を受け付けました。県が内容を確かめます。結果はメールで届きます。"),
    "under_review": ("wait", "県が内容を確かめています。面談をお願いすることがあります。"),
    "registered": ("ok", "登録されています。内容が変わったら、直してください。"),
    "paused": ("off", "休止しています。新しい打診は届きません。"),
    "renewal_due": ("late", "登録の期限が過ぎました。更新すると、また打診が届きます。"),
    "withdrawn": ("off", "登録は終わっています。もう一度、申請できます。"),
    "removed": ("off", "県の決定により、登録されていません。"),
}
CLAIMED = (
    "県が入力した内容を引き継ぎました。内容を確かめ、足りないところを入れて、申請してください。"
)


def own(request: SignedInRequest) -> Specialist:
    """The account's own registration; 404 where there is none."""
    person: Specialist = get_object_or_404(
        Specialist.objects.visible_to(request.user)
        .filter(user=request.user)
        .select_related("base", "firm", "background", "work_profile")
    )
    return person


def tasks_of(person: Specialist) -> list[dict[str, Any]]:
    """The topics into which the person may go, with how far each has come. All but consent wait for
    the consent."""
    missing = completeness.missing_of(person)
    locked = "consent" in missing
    tasks = []
    for code in registration.open_topics(person, TOPICS):
        label = TOPICS[code]
        lacks = missing.get(code, [])
        waits = locked and code != "consent"
        word, kind = ("入力済み", "ok") if not lacks else (f"あと{len(lacks)}項目", "wait")
        if code in completeness.OPTIONAL and not lacks:
            word, kind = "任意", "off"
        if waits:
            word, kind = "同意のあと", "off"
        tasks.append(
            {
                "code": code,
                "label": label,
                "word": word,
                "kind": kind,
                "lacks": lacks,
                "waits": waits,
            }
        )
    return tasks


@require_POST
@for_specialist
def start(request: SignedInRequest) -> HttpResponse:
    """Begin the own registration."""
    if request.user.kind != "specialist":
        raise Http404
    people.start_registration(request.user)
    return redirect("specialist:registration")


@for_specialist
def task_list(request: SignedInRequest) -> HttpResponse:
    person = own(request)
    kind, sentence = STATES[person.status]
    last = person.status_changes.exclude(before=F("after")).first()
    if last and last.verb == "claim":
        sentence = CLAIMED
    return render(
        request,
        "specialists/registration.html",
        {
            "person": person,
            "kind": kind,
            "sentence": sentence,
            "why_not_writable": registration.why_not_writable(person),
            "writable": registration.is_writable(person),
            "in_review": person.allows("refuse"),
            "lacks_words": [
                label
                for code, label in (("consent", "同意"), ("pledges", "誓約"))
                if code in completeness.missing_of(person)
            ],
            "suspended": vetting.SUSPENDED if vetting.waits_suspended(person) else "",
            "tasks": tasks_of(person),
            "complete": not completeness.missing_of(person),
            "steps": person.status_changes.all()[:20],
            "returned": last if last and last.verb in vetting.NEEDS_REASON else None,
            "restrictions": restrictions_of(person),
            "may": {verb: person.allows(verb) for verb in Specialist.TRANSITIONS},
            "renewal": terms.renewal_is_open(person.registered_until, timezone.localdate()),
        },
    )


@for_specialist
def topic(request: SignedInRequest, topic: str) -> HttpResponse:
    """One topic: consents and pledges, documents, or a form."""
    person = own(request)
    if topic not in TOPICS:
        raise Http404
    if topic not in registration.open_topics(person, [topic]):
        messages.error(request, registration.why_not_writable(person))
        return redirect("specialist:registration")
    if topic != "consent" and not completeness.has_consented(person):
        return to_consent(request)
    if topic in AGREEING:
        return _agree(request, person, topic)
    if topic == "documents":
        return _documents(request, person)
    return _form_page(request, person, topic)


def _page(
    request: SignedInRequest,
    person: Specialist,
    topic: str,
    context: dict[str, Any],
    *,
    template: str = "registration_topic",
    status: int = 200,
) -> HttpResponse:
    context = {
        "person": person,
        "topic": topic,
        "label": TOPICS[topic],
        "position": list(TOPICS).index(topic) + 1,
        "total": len(TOPICS),
        **context,
    }
    return render(request, f"specialists/{template}.html", context, status=status)


def _next(person: Specialist, topic: str) -> HttpResponse:
    """The next topic that lacks something, or the list."""
    fresh = Specialist.objects.select_related("background", "work_profile").get(pk=person.pk)
    missing = completeness.missing_of(fresh)
    after = list(TOPICS)[list(TOPICS).index(topic) + 1 :]
    if person.status == Specialist.Status.DRAFT:
        for code in after:
            if code in missing or code in completeness.OPTIONAL:
                return redirect("specialist:registration_topic", topic=code)
    return redirect("specialist:registration")


def _form_page(request: SignedInRequest, person: Specialist, topic: str) -> HttpResponse:
    answer = topic_pages.work(request, person, topic)
    if answer.is_done:
        return _next(person, topic) if answer.is_saved else redirect(request.path)
    return _page(request, person, topic, answer.context, status=answer.status)


def _agree(request: SignedInRequest, person: Specialist, topic: str) -> HttpResponse:
    """Read and tick, one box a purpose, none ticked beforehand; take a consent back (B-02)."""
    if "withdraw" in request.POST:
        return _withdraw_consent(request, person, request.POST["withdraw"])
    texts = consent.texts_in_force(AGREEING[topic])
    open_ones = {text.pk for text in consent.missing(person, AGREEING[topic])}
    form = AgreeForm(
        request.POST if request.method == "POST" else None, texts=texts, open_ones=open_ones
    )
    status = 200
    if request.method == "POST":
        if form.is_valid():
            try:
                consent.give(person, form.agreed(), by=request.user)
            except ConsentRefused as refusal:
                messages.error(request, str(refusal))
                return redirect("specialist:registration_topic", topic=topic)
            return _next(person, topic)
        status = 422
    context = {
        "form": form,
        "rows": form.rows_with_texts(),
        "ends": leaving.what_ends(person.pk) if topic == "consent" else [],
    }
    return _page(request, person, topic, context, template="registration_agree", status=status)


def _withdraw_consent(request: SignedInRequest, person: Specialist, purpose: str) -> HttpResponse:
    """Use for the purpose stops at once."""
    if purpose not in CONSENTS:
        raise Http404
    try:
        consent.withdraw(person, purpose, by=request.user)
    except ConsentRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "同意を取り消しました。この目的には、もう使いません。")
    return redirect("specialist:registration_topic", topic="consent")


def _documents(request: SignedInRequest, person: Specialist) -> HttpResponse:
    sent = request.method == "POST"
    form = DocumentForm(request.POST if sent else None, request.FILES if sent else None)
    status = 200
    if sent:
        if form.is_valid() and _take_in(request, person, form):
            messages.success(request, "書類を受け取りました。ウイルスの検査が終わると、開けます。")
            return redirect("specialist:registration_topic", topic="documents")
        status = 422
    documents = Document.objects.visible_to(request.user).filter(specialist=person)
    context = {"form": form, "documents": documents.select_related("file")}
    context["deletable"] = registration.is_writable(person)
    return _page(
        request, person, "documents", context, template="registration_documents", status=status
    )


def _take_in(request: SignedInRequest, person: Specialist, form: DocumentForm) -> bool:
    file = form.cleaned_data["file"]
    try:
        registration.add_document(
            person,
            kind=form.cleaned_data["kind"],
            name=file.name,
            content=file.read(),
            by=request.user,
        )
    except (FileRefused, PoolRefused) as refusal:
        form.add_error("file", str(refusal))
        return False
    return True


@require_POST
@for_specialist
def delete_document(request: SignedInRequest, pk: int) -> HttpResponse:
    document = get_object_or_404(
        Document.objects.visible_to(request.user).filter(specialist__user=request.user), pk=pk
    )
    try:
        registration.delete_document(document, by=request.user)
    except PoolRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "書類を消しました。")
    return redirect("specialist:registration_topic", topic="documents")


@require_POST
@for_specialist
def autosave(request: SignedInRequest, topic: str) -> HttpResponse:
    """Keep what stands in the form now; called by the script of the page."""
    person = own(request)
    if topic not in FORMS:
        raise Http404
    if not (registration.is_writable(person) and completeness.has_consented(person)):
        return drafts.not_kept()
    return topic_pages.keep_typed(request, person, topic)


@for_specialist
def check(request: SignedInRequest) -> HttpResponse:
    """All answers on one page; POST sends them in."""
    person = own(request)
    if not person.allows("submit"):
        return redirect("specialist:registration")
    if request.method == "POST":
        try:
            vetting.submit(person, by=request.user)
        except PoolRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "申請しました。県が内容を確かめます。")
        return redirect("specialist:registration")
    context = {"person": person, "groups": answers_of(person), "tasks": tasks_of(person)}
    context["complete"] = not completeness.missing_of(person)
    return render(request, "specialists/registration_check.html", context)


@for_specialist
def renew(request: SignedInRequest) -> HttpResponse:
    """Renewal on one page: what is registered, the words in force, one press."""
    person = own(request)
    today = timezone.localdate()
    if not person.may_renew or not terms.renewal_is_open(person.registered_until, today):
        return redirect("specialist:registration")
    wanted = list(REQUIRED)
    texts = consent.texts_in_force([code for code in [*CONSENTS, *PLEDGES] if code in wanted])
    open_ones = {text.pk for text in consent.missing(person, wanted)}
    year = fiscal_year(terms.term_end(today))
    form = RenewForm(
        request.POST if request.method == "POST" else None,
        texts=texts,
        open_ones=open_ones,
        year=year if _declares_by_renewing(person, year) else None,
    )
    if request.method == "POST" and form.is_valid():
        try:
            with transaction.atomic():
                consent.give(person, form.agreed(), by=request.user)
                renewed = vetting.renew(person, by=request.user)
                if form.cleaned_data.get("declare"):
                    declare_interests(person, year=year, by=request.user)
        except (PoolRefused, ConsentRefused) as refusal:
            messages.error(request, str(refusal))
        else:
            paused = renewed.status == Specialist.Status.PAUSED
            words = "休止は続いています。" if paused else ""
            messages.success(request, "登録を更新しました。" + words)
        return redirect("specialist:registration")
    context = {
        "person": person,
        "form": form,
        "rows": form.rows_with_texts(),
        "until": terms.term_end(today),
        "interests": Interest.objects.visible_to(request.user).filter(specialist=person),
        "groups": answers_of(person),
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "specialists/renew.html", context, status=status)


def _declares_by_renewing(person: Specialist, year: int) -> bool:
    """Whether the renewal asks for the declaration of its year: of who has declared before, and not
    for that year yet. Who has come to another firm declares on the page that asks for it."""
    declared = InterestDeclaration.objects.filter(specialist=person)
    return declared.counting(0).exists() and not declared.counting(year).exists()


VERBS = {
    "pause": (vetting.pause, "登録を休止しました。新しい打診は届きません。"),
    "resume": (vetting.resume, "登録を再開しました。"),
    "reapply": (vetting.reapply, "前に入れた内容が残っています。確かめて、申請してください。"),
}
GOES_ON = "結んでいる契約は、そのまま続きます。"
STAYS = (
    "入れた内容は、保存の期間が過ぎるまで残り、そのあいだは、もう一度申請できます。"
    "すぐに消してほしいときは、「個人情報」のページから請求できます。"
)


@require_POST
@for_specialist
def verb(request: SignedInRequest, verb: str) -> HttpResponse:
    """Pause, resume or begin again. A pause that ends what is being coordinated asks first."""
    person = own(request)
    if verb not in VERBS:
        raise Http404
    ends = leaving.what_ends(person.pk) if verb == "pause" else []
    if ends and "confirmed" not in request.POST:
        context = {
            "question": "登録を休止しますか",
            "consequence": "".join([*ends, GOES_ON]),
            "action_label": "休止する",
            "cancel_url": reverse("specialist:registration"),
            "danger": True,
            "form": ConfirmedForm(),
        }
        return render(request, "pages/confirm.html", context)
    service, said = VERBS[verb]
    try:
        service(person, by=request.user)
    except PoolRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect("specialist:registration")


@for_specialist
def withdraw(request: SignedInRequest) -> HttpResponse:
    """Leave the pool, after a question."""
    person = own(request)
    if not person.allows("withdraw"):
        return redirect("specialist:registration")
    if request.method == "POST":
        try:
            vetting.withdraw(person, by=request.user)
        except PoolRefused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, "登録を取りやめました。")
        return redirect("specialist:registration")
    ends = leaving.what_ends(person.pk)
    context = {
        "question": "登録を取りやめますか",
        "consequence": "".join(["これからの打診は届きません。", *ends, GOES_ON, STAYS]),
        "action_label": "取りやめる",
        "cancel_url": reverse("specialist:registration"),
        "danger": True,
    }
    return render(request, "pages/confirm.html", context)
