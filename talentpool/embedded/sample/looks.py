"""One day on which one account looked at nearly everybody, and the alert that it made (B-07)."""

from talentpool.rights import services as rights
from talentpool.rights.models import Looking, ViewLimit
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import log_views
from talentpool.users.models import User


def look_at_everybody() -> None:
    """The approver read all registrations. The sample's pool is small: so is its limit."""
    ViewLimit.objects.filter(looking=Looking.NAMED).update(least=15, always=60)
    viewer = User.objects.get(email="approver@pref.example.jp")
    people = Specialist.objects.order_by("pk").values_list("pk", flat=True)
    log_views(people, viewer=viewer, scope="name", purpose="登録内容を確かめるため")
    rights.watch_views()
