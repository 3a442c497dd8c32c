"""The verbs of sharing: the prefecture proposes a text, the asking town approves or refuses it.

Each locks, reads again, decides by `Article.TRANSITIONS`, saves, records and tells the other side.
All raise Refused, whose Japanese message the page shows.
"""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from consultations.desk.errors import Refused
from consultations.desk.models import Consultation, Message
from consultations.knowledge.models import Action, Article
from consultations.knowledge.traces import Known, Trace, anonymised, find_traces
from municipalities.registry.models import Municipality
from municipalities.registry.notices import tell_coordinators, tell_town
from municipalities.registry.querysets import is_coordinator, municipality_code_of
from talentpool.audit import services as audit
from talentpool.conventions.business_days import add_business_days
from talentpool.conventions.folding import tidy_text
from talentpool.users.models import User

APPROVAL_WITHIN_BUSINESS_DAYS = 10


def known_about(consultation: Consultation) -> Known:
    """The names that must not slip into an article made of this consultation."""
    town = consultation.municipality
    people = {consultation.asked_by.name} | set(
        consultation.messages.values_list("author__name", flat=True)
    )
    return Known(
        name=town.name,
        code=town.code,
        people=sorted(people),
        vendors=sorted(set(town.vendor_contracts.values_list("vendor_name", flat=True))),
        towns=list(
            Municipality.objects.filter(prefecture_id=town.prefecture_id)
            .order_by("code")
            .values_list("name", flat=True)
        ),
    )


def traces_in(consultation: Consultation, *texts: str) -> list[Trace]:
    """What in these texts may tell who asked."""
    return find_traces("\n".join(texts), known_about(consultation))


def draft_from(consultation: Consultation) -> dict[str, str]:
    """Title, question and answer as a coordinator finds them to work on: the thread's own words,
    the asking town's name taken out."""
    known = known_about(consultation)
    answers = consultation.messages.filter(kind=Message.Kind.ANSWER).values_list("body", flat=True)
    return {
        "title": anonymised(consultation.title, known),
        "question": anonymised(consultation.question, known),
        "answer": anonymised("\n\n".join(answers), known),
    }


def why_not_shareable(consultation: Consultation) -> str:
    """Why no article may be proposed now, in Japanese; empty when one may."""
    if consultation.secrecy != Consultation.Secrecy.SHAREABLE:
        return "市町が「県の相談窓口の中だけで扱う」を選んでいるため、共有できません。"
    if not consultation.messages.filter(kind=Message.Kind.ANSWER).exists():
        return "回答がまだないため、共有できません。"
    if consultation.articles.filter(status__in=Article.LIVE).exists():
        return "この相談のナレッジは、すでに提案中または公開中です。"
    return ""


@transaction.atomic
def propose_article(
    consultation_id: int,
    *,
    title: str,
    question: str,
    answer: str,
    keep: Collection[str] = (),
    by: User,
) -> Article:
    """Propose a text to the asking town; by a coordinator.

    `keep` holds the keys of the traces that the coordinator has looked at and wants to leave in.
    Raises Refused: not shareable, no answer yet, one already live, the town's name in the
    text, or a trace that was not looked at.
    """
    consultation = (
        Consultation.objects.select_for_update(of=("self",))
        .select_related("municipality", "asked_by")
        .get(pk=consultation_id)
    )
    if not is_coordinator(by):
        raise Refused("ナレッジを提案できるのは、県のコーディネーターです。")
    reason = why_not_shareable(consultation)
    if reason:
        raise Refused(reason)
    title, question, answer = tidy_text(title), tidy_text(question), tidy_text(answer)
    if not (title and question and answer):
        raise Refused("題名、相談の内容、回答をすべて入れてください。")
    for trace in traces_in(consultation, title, question, answer):
        if trace.names_asker:
            raise Refused(f"{trace.kind}「{trace.found}」を文章から取り除いてください。")
        if trace.key not in keep:
            raise Refused(f"{trace.kind}「{trace.found}」を残してよいか確かめてください。")
    article = Article(
        consultation=consultation,
        topic_id=consultation.topic_id,
        title=title,
        question=question,
        answer=answer,
        approval_due=add_business_days(timezone.localdate(), APPROVAL_WITHIN_BUSINESS_DAYS),
        proposed_by=by,
        proposed_at=timezone.now(),
    )
    article.fold()
    article.save()
    due = article.approval_due
    tell_town(
        consultation.municipality_id,
        subject="ナレッジの公開を確かめてください",
        first_line=f"{due.month}月{due.day}日までに、公開してよいか答えてください。"
        "答えがないうちは公開されません。",
        path=f"/town/knowledge/{article.pk}/review/",
        key=f"article:{article.pk}:proposed",
    )
    audit.record("propose_article", article, by=by, detail={"consultation": consultation.pk})
    return article


@transaction.atomic
def approve_article(article_id: int, *, by: User) -> Article:
    """Share the article with all towns; by staff of the asking town. Raises Refused, also once the
    town has decided that the answer stays at the desk."""
    # The consultation before the article, as `propose_article` has it; nobody changes it meanwhile.
    consultation = Consultation.objects.select_for_update(of=("self",)).get(articles=article_id)
    article = _move(article_id, Action.APPROVE, by)
    if consultation.secrecy != Consultation.Secrecy.SHAREABLE:
        raise Refused(
            "この相談は、県の相談窓口の中だけで扱うことになっています。"
            "公開するときは、先に相談のページで共有の範囲を変えてください。"
        )
    article.decided_by, article.decided_at = by, timezone.now()
    article.save(update_fields=["status", "decided_by", "decided_at"])
    _tell_proposer(article, "ナレッジが公開されました", "市町の同意を得て公開されました。")
    audit.record("approve_article", article, by=by)
    return article


@transaction.atomic
def refuse_article(article_id: int, *, reason: str, note: str, by: User) -> Article:
    """Keep the article from being shared, with a reason; by staff of the asking town.
    Raises Refused."""
    article = _move(article_id, Action.REFUSE, by)
    article.decided_by, article.decided_at = by, timezone.now()
    article.reason, article.note = Article.Reason(reason), tidy_text(note)
    article.save(update_fields=["status", "decided_by", "decided_at", "reason", "note"])
    _tell_proposer(
        article,
        "ナレッジの公開を市町が断りました",
        "理由を見て、書き直すかどうかを決めてください。",
    )
    audit.record("refuse_article", article, by=by, detail={"reason": article.reason})
    return article


@transaction.atomic
def withdraw_article(article_id: int, *, reason: str, note: str, by: User) -> Article:
    """Take a proposed or published article back at once; by a coordinator or the asking town.
    Raises Refused."""
    article = _move(article_id, Action.WITHDRAW, by)
    article.withdrawn_by, article.withdrawn_at = by, timezone.now()
    article.reason, article.note = Article.Reason(reason), tidy_text(note)
    article.save(update_fields=["status", "withdrawn_by", "withdrawn_at", "reason", "note"])
    if is_coordinator(by):
        tell_town(
            article.consultation.municipality_id,
            subject="ナレッジが取り下げられました",
            first_line="県がナレッジを取り下げました。理由を画面で見られます。",
            path=f"/town/knowledge/{article.pk}/review/",
            key=f"article:{article.pk}:withdrawn",
        )
    else:
        _tell_proposer(article, "ナレッジを市町が取り下げました", "理由を画面で見られます。")
    audit.record("withdraw_article", article, by=by, detail={"reason": article.reason})
    return article


def _move(article_id: int, action: Action, by: User) -> Article:
    """Lock, read again, check who acts and whether the state allows it, set the next state.

    Raises Refused.
    """
    article: Article = (
        Article.objects.select_for_update(of=("self",))
        .select_related("consultation")
        .get(pk=article_id)
    )
    is_asker = municipality_code_of(by) == article.consultation.municipality_id
    if not is_asker and not (action == Action.WITHDRAW and is_coordinator(by)):
        raise Refused("この操作ができるのは、相談した市町の職員です。")
    if not article.allows(action):
        raise Refused(
            f"このナレッジは「{article.get_status_display()}」のため、"
            f"{action.label}ことができません。"
        )
    article.status = Article.TRANSITIONS[action][article.status]
    return article


def _tell_proposer(article: Article, subject: str, first_line: str) -> None:
    tell_coordinators(
        subject=subject,
        first_line=first_line,
        path=f"/admin/knowledge/article/{article.pk}/change/",
        key=f"article:{article.pk}:{article.status}",
        only=article.proposed_by_id,
    )
