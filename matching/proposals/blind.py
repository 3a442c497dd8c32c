"""What a town sees of a candidate before the name is open (B-08): bands, never exact values that
tell who it is, and never a name, a firm, an address or the pool number."""

from dataclasses import dataclass

from matching.proposals.models import Candidate
from matching.proposals.rarity import shown, traits_of
from talentpool.conventions.amounts import half_days_label
from talentpool.specialists.blindness import blind_text
from talentpool.specialists.conflicts.rules import Result

MAN = 10_000
# Which contract or tie it is would tell the firm: the town learns what the prefecture does about
# it. The tie itself may be a relative's: that is never shown to a town.
TO_CHECK = "会社との関わりについて、県が確かめています"
WAITS_FOR_CONSENT = "本人の同意を確認中"
WITH_MEASURES = "県が定める回避措置を付ければ、お願いできます"


@dataclass(frozen=True, slots=True)
class BlindView:
    """One candidate as the town may see it now. `name` and `affiliation` are empty until open; of
    whom nothing may be told (`is_told`) there is the letter and the state alone."""

    candidate: Candidate
    letter: str
    kind: str = ""
    skills: tuple[str, ...] = ()
    experience: str = ""
    days: str = ""
    pay: str = ""
    place: str = ""
    reasons: tuple[str, ...] = ()
    conflict: str = ""
    strengths: str = ""
    is_told: bool = True
    conflict_label: str = "該当なし"
    conflict_kind: str = "ok"
    name: str = ""
    kana: str = ""
    affiliation: str = ""
    status: str = ""


def pay_band(day_rate_yen: int, monthly_yen: int = 0) -> str:
    """Pay a day as a band of ten thousand yen: 日額 2〜3万円; of who is paid by the month only
    月額 30〜31万円, of who wishes no pay 報酬の希望なし."""
    if not day_rate_yen and not monthly_yen:
        return "報酬の希望なし"
    unit, yen = ("日額", day_rate_yen) if day_rate_yen else ("月額", monthly_yen)
    return f"{unit} {yen // MAN}〜{yen // MAN + 1}万円"


def blind_view(candidate: Candidate) -> BlindView:
    """What the candidate's town may see of the person now; all of it once the name is open."""
    status = candidate.shown_status(candidate.proposal)
    if not candidate.may_be_told:
        waits = candidate.status in {Candidate.Status.OFFERED, *Candidate.IN_BUNDLE}
        return BlindView(
            candidate=candidate,
            letter=candidate.letter,
            status=WAITS_FOR_CONSENT if waits else status,
            is_told=False,
        )
    person = candidate.specialist
    is_open = candidate.is_open
    wanted = {row.skill_id for row in candidate.proposal.need.skills.all()}
    told = shown(traits_of(person), () if is_open else candidate.told_less, wanted)
    firm = person.firm.name if person.firm else person.employer
    return BlindView(
        candidate=candidate,
        letter=candidate.letter,
        kind=told.kind,
        skills=told.skills,
        experience=told.experience,
        days=f"{half_days_label(candidate.half_days)}まで",
        pay=pay_band(person.day_rate_yen, person.monthly_fixed_yen),
        place=told.place,
        reasons=tuple(f"{label}" for label, points in _best(candidate.terms)),
        conflict=_conflict_words(candidate),
        conflict_label=candidate.get_conflict_result_display(),
        conflict_kind=candidate.conflict_kind,
        strengths=person.strengths if is_open else blind_text(person, person.strengths),
        name=person.names if is_open else "",
        kana=person.kana if is_open else "",
        affiliation=(firm or "所属なし") if is_open else "",
        status=status,
    )


def _conflict_words(candidate: Candidate) -> str:
    """What the town reads of a conflict: no firm, no tie."""
    result = candidate.conflict_result
    if result == Result.NONE:
        return ""
    if result == Result.MEASURES:
        if candidate.is_open and candidate.conflict_measures:
            return f"{WITH_MEASURES}（{candidate.conflict_measures}）"
        return WITH_MEASURES
    return TO_CHECK


def _best(terms: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """The three terms of the score that say most for the person."""
    return sorted((term for term in terms if term[1] > 0), key=lambda term: -term[1])[:3]
