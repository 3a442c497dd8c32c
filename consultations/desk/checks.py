"""Points to check before asking and while answering, by topic: a code list that staff can edit."""

from talentpool.vocabulary.models import Term

VOCABULARY = "consultation_check"


def checks_for(topic_code: str) -> list[Term]:
    """The points of one topic in their order: codes begin with the topic's code and a hyphen."""
    return list(
        Term.objects.filter(
            vocabulary=VOCABULARY, code__startswith=f"{topic_code}-", active=True
        ).order_by("order", "code")
    )
