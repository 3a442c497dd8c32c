"""Data classes of requests: that and how one was decided is a public record, its words are not."""

from talentpool.privacy.inventory import Table

TABLES = {
    "RightsRequest": Table(
        internal="specialist kind channel status received_on due_on extended_to identity "
        "identified_on decision document_number decided_on decided_by done_on request_key",
        personal="wish extension_reason decision_reason",
        person="specialist",
        erased={
            "extension_reason": "削除済み",
            "decision_reason": "削除済み",
        },  # constraints want a text
    ),
    "ViewLimit": Table(public="looking least times always days basis confirmed"),
    "ViewAlert": Table(
        internal="viewer viewer_body viewer_role day looking people own_usual group_usual "
        "found_at finding settled_at settled_by",
        actors="viewer settled_by",
    ),
}
