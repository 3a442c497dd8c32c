"""Who speaks for a firm: begun and ended by the prefecture, never deleted."""

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from municipalities.registry.notices import tell_address
from municipalities.registry.querysets import is_coordinator
from talentpool.audit import services as audit
from talentpool.specialists.errors import PoolRefused
from talentpool.specialists.models import Firm, FirmManager, Specialist
from talentpool.users.models import User


@transaction.atomic
def make_manager(firm: Firm, user: User, *, by: User) -> FirmManager:
    """Let the account speak for the firm from today on. On behalf of the coordinator `by`.

    Not somebody of the pool, who would agree for the firm to the own introduction, nor who speaks
    for a firm already. Raises PoolRefused.
    """
    current = FirmManager.objects.filter(user=user, until=None).select_related("firm").first()
    if current is not None:
        raise PoolRefused(f"この利用者は、「{current.firm.name}」の担当者です。")
    in_pool = Specialist.objects.filter(user=user).exists()
    if user.kind != User.Kind.FIRM or not user.is_active or in_pool:
        raise PoolRefused(
            "このメールアドレスの利用者は、事業者の担当者になれません。"
            "職員や、人材として登録している人ではない、別のアドレスを入れてください。"
        )
    made: FirmManager = FirmManager.objects.create(firm=firm, user=user, since=timezone.localdate())
    audit.record("make_firm_manager", firm, by=by, detail={"user": user.pk})
    return made


@transaction.atomic
def end_manager(manager: FirmManager, *, by: User) -> FirmManager:
    """The account speaks for the firm no more; its open invitations of people open nothing. What
    it agreed to stays. By a coordinator; the same again changes nothing. Raises PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused("担当者を終えられるのは、県コーディネーターと県決裁者です。")
    row: FirmManager = FirmManager.objects.select_for_update(of=("self",)).get(pk=manager.pk)
    if row.until is not None:
        return row
    row.until = timezone.localdate()
    row.save(update_fields=["until"])
    audit.record("end_firm_manager", row.firm, by=by, detail={"user": row.user_id})
    tell_address(
        row.user.email,
        subject="事業者の担当者を終えました",
        first_line="県が、あなたを事業者の担当者から外しました。"
        "心当たりがないときは、県にお問い合わせください。",
        path=reverse("home"),
        key=f"manager-ended:{row.pk}",
    )
    return row


@transaction.atomic
def note_seen(firm: Firm, *, by: User) -> None:
    """The prefecture has looked at a firm that registered itself. By a coordinator; the same again
    changes nothing. Raises PoolRefused."""
    if not is_coordinator(by):
        raise PoolRefused("確かめたと記録できるのは、県コーディネーターと県決裁者です。")
    row = Firm.objects.select_for_update(of=("self",)).get(pk=firm.pk)
    if row.unseen_since is None:
        return
    row.unseen_since = None
    row.save(update_fields=["unseen_since"])
    audit.record("note_firm_seen", row, by=by)
