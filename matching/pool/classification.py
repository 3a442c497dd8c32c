"""Data classes of the search. Entries follow the person by triggers, an erasure too."""

from talentpool.privacy.inventory import Table

TABLES = {
    "PoolEntry": Table(
        internal="pool_number confirmed_at",
        personal="specialist facets free search_text",
        person="specialist",
        delete=True,
        title="検索用の写し",
    ),
    "KeptOverview": Table(internal="as_of counts counted_at"),  # sums over everybody
    # The words of a search are sealed in its query.
    "SavedSearch": Table(internal="owner name query shared created_at", actors="owner"),
    "Demand": Table(
        internal="municipality need skill level half_days first_month last_month note status "
        "answer created_by created_at answered_at",
        actors="created_by",
    ),
}
