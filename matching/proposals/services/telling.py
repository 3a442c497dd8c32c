"""Who is told when the coordination moves under them.

A candidate leaves once and an approach ends once, so the keys name the occasion and a second call
mails nobody twice. Whose own verb it was is not told of it; a town whose proposal closed with it
reads that with the same cause instead (`offers.close_proposal`, `why_closed`). The mails say what
happened and what to look at, never who or why in private (B-13).
"""

from collections.abc import Collection, Iterable

from matching.proposals.models import Bundle, Candidate, Proposal
from municipalities.registry.notices import tell_town
from talentpool.specialists.notices import tell_specialist

LOOK = "いまの候補を確かめてください。"
VOID = "記録されていた決定は無効になりました。"
# Subject and cause, by what ended it: the verb by which the candidates left, or the date that
# passed. Where a person leaves the pool (`leave`) services.leaving tells the towns, of all
# candidates of a proposal together, and the step itself the person.
TOWN_WORDS = {
    "decline": ("候補の方が辞退されました", "候補の方から辞退の返事がありました。"),
    "expire": (
        "次の候補に移りました",
        "候補の方の返事や確認が、期限までにありませんでした。",
    ),
    "lose_days": (
        "候補の方を1人、見送りました",
        "日数が変わり、候補の方の稼働枠に収まらなくなりました。",
    ),
    "set_aside": ("候補の方を1人、見送りました", "県が候補の方を見送りました。"),
    "consent": (
        "候補の方を1人、見送りました",
        "契約の手続が期限までに整わなかったため、候補の方を見送りました。",
    ),
    "overdue": (
        "決定の期限が過ぎました",
        "決定の記録が期限までになかったため、候補の方を見送りとしました。",
    ),
}
FREE = "仮に押さえていた日は空きました。"
PERSON_WORDS = {
    "expire": f"期限が過ぎたため、打診を終えました。{FREE}",
    "lose_days": f"日数が変わり、稼働可能日に収まらなくなったため、打診を終えました。{FREE}",
    "set_aside": f"県が打診を取りやめました。{FREE}",
    "consent": f"お名前の開示の同意がないまま期限が過ぎたため、打診を終えました。{FREE}",
    "no_town": f"一緒に進めていた市町がなくなったため、打診を終えました。{FREE}",
}


def decided_ones(candidates: Iterable[Candidate]) -> set[int]:
    """The proposals whose towns have decided: to be asked before their decisions are wiped."""
    return {row.proposal_id for row in candidates if row.proposal.document_number}


def why_closed(cause: str, *, was_decided: bool) -> str:
    """What a town reads first when nobody is left after the end by `cause`."""
    _, words = TOWN_WORDS.get(cause, ("", ""))
    return f"{words}{VOID if was_decided else ''}"


def tell_towns_of_end(
    candidates: Collection[Candidate], cause: str, *, decided: Collection[int] = ()
) -> None:
    """Tell each town that its candidate left, after its need has moved on. `decided` are the
    proposals whose recorded decision became void. Nothing for a cause that others tell of."""
    if cause not in TOWN_WORDS:
        return
    subject, words = TOWN_WORDS[cause]
    closed = set(
        Proposal.objects.filter(
            pk__in=[row.proposal_id for row in candidates], status=Proposal.Status.CLOSED
        ).values_list("pk", flat=True)
    )
    for row in candidates:
        if row.proposal_id in closed:
            continue
        tell_town(
            row.proposal.need.municipality_id,
            subject=subject,
            first_line=f"{words}{VOID if row.proposal_id in decided else ''}{LOOK}",
            path=f"/town/proposals/{row.proposal_id}/",
            key=f"candidate:{row.pk}:{row.status}",
        )


def tell_person_of_end(bundle: Bundle, cause: str) -> None:
    """Tell the person that the approach ended. Nothing for the person's own answer."""
    if cause not in PERSON_WORDS:
        return
    tell_specialist(
        bundle.specialist,
        subject="打診を終えました",
        first_line=PERSON_WORDS[cause],
        path=f"/specialist/approaches/{bundle.pk}/",
        key=f"bundle:{bundle.pk}:ended",
    )
