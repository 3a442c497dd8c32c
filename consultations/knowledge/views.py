"""The town's pages: read what all towns share, decide on what was made of one's own question."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consultations.desk.errors import Refused
from consultations.desk.models import Message
from consultations.knowledge import services
from consultations.knowledge.forms import ArticleFilter, ReasonForm
from consultations.knowledge.models import Action, Article
from municipalities.registry.access import SignedInRequest, for_municipality
from municipalities.registry.querysets import municipality_code_of
from talentpool.pages.paging import keyset_page

COUNTED_AT_MOST = 1000  # more hits are announced as "1,000件以上"


@require_safe
@for_municipality
def articles(request: SignedInRequest) -> HttpResponse:
    published = Article.objects.visible_to(request.user).published().select_related("topic")
    filters = ArticleFilter(request.GET, published)
    found = filters.qs if filters.is_valid() else published.none()
    searched = filters.is_valid() and any(request.GET.get(name) for name in filters.filters)
    count = found.order_by()[: COUNTED_AT_MOST + 1].count() if searched else None
    return render(
        request,
        "knowledge/articles.html",
        {
            "filters": filters,
            "page": keyset_page(found, request.GET, order=["-pk"]),
            "searched": searched,
            "count": count,
            "many": count is not None and count > COUNTED_AT_MOST,
            "most": COUNTED_AT_MOST,
        },
    )


@require_safe
@for_municipality
def article(request: SignedInRequest, pk: int) -> HttpResponse:
    published = Article.objects.visible_to(request.user).published().select_related("topic")
    return render(
        request, "knowledge/article.html", {"article": get_object_or_404(published, pk=pk)}
    )


@require_safe
@for_municipality
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    """What the asking town wrote and received, and beside it exactly what would be shared."""
    found = _own(request, pk)
    return render(
        request,
        "knowledge/review.html",
        {
            "article": found,
            "consultation": found.consultation,
            "answers": found.consultation.messages.filter(kind=Message.Kind.ANSWER),
            "may_decide": found.allows(Action.APPROVE),
            "may_withdraw": found.status == Article.Status.PUBLISHED,
        },
    )


@require_POST
@for_municipality
def approve(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    try:
        services.approve_article(found.pk, by=request.user)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect("town:article_review", found.pk)
    messages.success(request, "公開しました。ほかの市町もこのナレッジを読めます。")
    return redirect("town:article", found.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@for_municipality
def refuse(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    return _with_reason(
        request,
        found,
        services.refuse_article,
        {
            "question": "このナレッジの公開を断りますか",
            "consequence": "理由は県に伝わります。県が書き直して、もう一度提案することがあります。",
            "action_label": "公開を断る",
        },
        done="公開を断りました。理由を県に伝えました。",
    )


@require_http_methods(["GET", "HEAD", "POST"])
@for_municipality
def withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    found = _own(request, pk)
    return _with_reason(
        request,
        found,
        services.withdraw_article,
        {
            "question": "このナレッジの公開をやめますか",
            "consequence": "すぐに、ほかの市町から見えなくなります。理由は県に伝わります。",
            "action_label": "公開をやめる",
        },
        done="公開をやめました。",
    )


def _own(request: SignedInRequest, pk: int) -> Article:
    code = municipality_code_of(request.user) or ""
    own = (
        Article.objects.visible_to(request.user)
        .of_town(code)
        .select_related("topic", "consultation")
    )
    return get_object_or_404(own, pk=pk)


def _with_reason(
    request: SignedInRequest, found: Article, verb: Any, page: dict[str, Any], *, done: str
) -> HttpResponse:
    """A confirm page that asks for the reason, and the verb on POST."""
    back = reverse("town:article_review", args=[found.pk])
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            verb(found.pk, by=request.user, **form.cleaned_data)
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, done)
        return redirect(back)
    return render(
        request,
        "pages/confirm.html",
        {**page, "objects": [found.title], "form": form, "cancel_url": back},
    )
