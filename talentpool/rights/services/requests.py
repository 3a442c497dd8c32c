"""The way of a request: taken in, identity checked, decided in time, carried out (B-04)."""

import uuid
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from municipalities.registry.notices import tell_coordinators
from talentpool.audit import services as audit
from talentpool.rights.errors import Refused
from talentpool.rights.models import DAYS_TO_DECIDE, DAYS_TO_EXTEND, TOO_EARLY, RightsRequest
from talentpool.rights.services.persons import erase_person
from talentpool.specialists.models import Specialist
from talentpool.specialists.notices import tell_specialist
from talentpool.specialists.services import vetting
from talentpool.users.models import User

STALE = "いまは、この操作ができる段階ではありません。画面を開き直してください。"


@transaction.atomic
def file_request(
    person: Specialist,
    *,
    kind: str,
    wish: str = "",
    received_on: date | None = None,
    request_key: uuid.UUID | None = None,
    by: User,
) -> RightsRequest:
    """Take a request in. By the person (whose sign-in is the identity check), or by a coordinator
    for one on paper, with the day on which it arrived.

    The same key again returns the same request. Raises Refused where one of the kind is open.
    """
    key = request_key or uuid.uuid4()
    Specialist.objects.select_for_update(of=("self",)).get(pk=person.pk)
    made = RightsRequest.objects.filter(
        Q(request_key=key)
        | Q(specialist=person, kind=kind, status__in=[*RightsRequest.OPEN, "decided"])
    ).first()
    if made is not None:
        if made.request_key == key:
            return made
        raise Refused("同じ種類の請求を、すでに受け付けています。決定をお待ちください。")
    own = person.user_id == by.pk
    today = timezone.localdate()
    received = today if own or received_on is None else received_on
    request = RightsRequest.objects.create(
        specialist=person,
        kind=kind,
        wish=wish,
        channel=RightsRequest.Channel.PORTAL if own else RightsRequest.Channel.PAPER,
        status=RightsRequest.Status.IDENTIFIED if own else RightsRequest.Status.RECEIVED,
        identity=RightsRequest.Identity.SIGN_IN if own else "",
        identified_on=today if own else None,
        received_on=received,
        due_on=received + timedelta(days=DAYS_TO_DECIDE),
        request_key=key,
    )
    tell_coordinators(
        subject="個人情報についての請求が届きました",
        first_line=f"{request.due_on:%-m月%-d日}までに決定してください。",
        path=f"/admin/rights/rightsrequest/{request.pk}/change/",
        key=f"rights:{request.pk}:received",
    )
    audit.record("file_rights_request", request, by=by, detail={"kind": kind})
    return request


def _locked(request_id: int) -> RightsRequest:
    request: RightsRequest = (
        RightsRequest.objects.select_for_update(of=("self",))
        .select_related("specialist__user")
        .get(pk=request_id)
    )
    return request


def _move(request: RightsRequest, verb: str) -> None:
    if not request.allows(verb):
        raise Refused(STALE)
    request.status = RightsRequest.TRANSITIONS[verb][1]


@transaction.atomic
def identify(request_id: int, *, identity: str, by: User) -> RightsRequest:
    """Note that the identity was checked, and how. By a coordinator. Raises Refused."""
    request = _locked(request_id)
    _move(request, "identify")
    request.identity = identity
    request.identified_on = timezone.localdate()
    request.save()
    audit.record("identify_rights_request", request, by=by, detail={"how": identity})
    return request


@transaction.atomic
def extend(request_id: int, *, until: date, reason: str, by: User) -> RightsRequest:
    """Move the deadline by thirty days at most, once, and tell the person. By a coordinator.

    Raises Refused for a closed request, a second extension, after the term has passed (the law
    gives the extension in the term only) or for a date outside it.
    """
    request = _locked(request_id)
    if not request.is_open or request.extended_to is not None:
        raise Refused("期限の延長は、決定の前に1回だけできます。")
    if timezone.localdate() > request.due_on:
        raise Refused("期限を過ぎた請求は、延長できません。すぐに決定してください。")
    latest = request.due_on + timedelta(days=DAYS_TO_EXTEND)
    if not request.due_on < until <= latest:
        raise Refused(
            f"延長後の期限は、{request.due_on:%-m月%-d日}の翌日から{latest:%-m月%-d日}までの日です。"
        )
    request.extended_to = until
    request.extension_reason = reason
    request.save()
    _tell(
        request, "期限を延長しました", f"決定の期限を{until:%-m月%-d日}に延長しました。", "extended"
    )
    audit.record("extend_rights_request", request, by=by, detail={"until": until.isoformat()})
    return request


@transaction.atomic
def decide(
    request_id: int,
    *,
    decision: str,
    reason: str,
    document_number: str,
    decided_on: date,
    by: User,
) -> RightsRequest:
    """Record the prefecture's decision with its document number. By a coordinator or approver.

    A refusal, and a request granted in part, say why. Raises Refused.
    """
    request = _locked(request_id)
    _move(request, "decide")
    if decided_on < request.earliest_decision:
        raise Refused(TOO_EARLY)
    if decision != RightsRequest.Decision.GRANTED and not reason:
        raise Refused("一部だけ行う、または行わないときは、理由を入れてください。")
    request.decision = decision
    request.decision_reason = reason
    request.document_number = document_number
    request.decided_on = decided_on
    request.decided_by = by
    request.save()
    _tell(request, "請求への決定のお知らせ", "請求への決定をお知らせします。", "decided")
    audit.record("decide_rights_request", request, by=by, detail={"decision": decision})
    return request


@transaction.atomic
def carry_out(request_id: int, *, by: User) -> RightsRequest:
    """Do what was decided: a suspension granted in whole or in part pauses the person, at once or
    from the registration or renewal on (`vetting.suspend`), a deletion
    granted in whole erases the identity; disclosure, correction and a deletion in part, whose
    extent only the decision says, are noted as done. By a coordinator. Raises Refused."""
    request = _locked(request_id)
    _move(request, "carry_out")
    request.done_on = timezone.localdate()
    request.save()
    if request.decision != RightsRequest.Decision.REFUSED:
        if request.kind == RightsRequest.Kind.SUSPENSION:
            vetting.suspend(request.specialist, by=by)  # what is signed goes on
        elif request.erases:
            erase_person(request.specialist_id, by=by)
    audit.record("carry_out_rights_request", request, by=by)
    return request


@transaction.atomic
def withdraw(request_id: int, *, by: User) -> RightsRequest:
    """The person takes the request back before the decision. Raises Refused."""
    request = _locked(request_id)
    _move(request, "withdraw")
    request.save()
    audit.record("withdraw_rights_request", request, by=by)
    return request


def _tell(request: RightsRequest, subject: str, first_line: str, occasion: str) -> None:
    tell_specialist(
        request.specialist,
        subject=subject,
        first_line=first_line,
        path=f"/specialist/rights/{request.pk}/",
        key=f"rights:{request.pk}:{occasion}",
    )
