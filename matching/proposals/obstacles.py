"""What the coordination keeps from being done yet: to erase a person, to return a need."""

from collections.abc import Iterator

from matching.proposals.models import Bundle, Proposal
from municipalities.vacancies.models import Need


def open_approaches(person: int) -> Iterator[str]:
    """Approaches that wait for an answer, a decision or the signature."""
    waiting = Bundle.objects.filter(specialist_id=person, status__in=Bundle.OPEN).count()
    if waiting:
        yield f"進行中の打診が{waiting}件あります。打診が終わってから削除してください。"


def what_keeps_need(need: Need) -> str:
    """Candidates are offered for it: their town ranks, or people answer, for the need as it is."""
    if need.proposals.filter(status__in=Proposal.OPEN).exists():
        return (
            "候補を提示しているため、差し戻せません。"
            "候補提示か打診を終えてから、差し戻してください。"
        )
    return ""
