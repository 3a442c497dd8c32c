"""Why a person cannot be erased yet."""

from collections.abc import Iterator

from matching.proposals.models import Bundle


def open_approaches(person: int) -> Iterator[str]:
    """Approaches that wait for an answer, a decision or the signature."""
    waiting = Bundle.objects.filter(specialist_id=person, status__in=Bundle.OPEN).count()
    if waiting:
        yield f"進行中の打診が{waiting}件あります。打診が終わってから削除してください。"
