"""What the public search looks in: the text made of a vacancy's values."""

from collections.abc import Iterable

from municipalities.vacancies.definition import Definition, Values
from talentpool.conventions.folding import search_key

SEARCHED = (
    "municipality_name",
    "position_title",
    "issues",
    "message",
    "duties",
    "expected_results",
    "place",
    "req_must",
    "req_want",
    "note",
)
# Lists of names. The words of the others (なし, 可, 月額) would be found in every vacancy.
SEARCHED_BY_LABEL = ("talent_type", "work_fields", "skills", "engagement_form", "remote")


def search_text_of(values: Values, definition: Definition, partners: Iterable[str]) -> str:
    """The text that the public search looks in, folded; a line for each field that the public
    reads. Of what is chosen, the words that the page shows; `partners` are the names of the bodies
    that post together."""
    open_keys = set(definition.open_identifiers)
    texts = [values[key] for key in SEARCHED if values.get(key) and key in open_keys]
    for key in SEARCHED_BY_LABEL:
        if values.get(key) and key in open_keys:
            texts.append(definition.by_identifier[key].label_of(values[key]))
    if "joint_members" in open_keys:
        texts += partners
    return "\n".join(dict.fromkeys(search_key(text) for text in texts))
