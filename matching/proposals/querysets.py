"""Who may see runs, proposals, candidates and bundles."""

from typing import Any, Self

from django.db import models
from django.utils import timezone

from municipalities.registry.querysets import KeyOfTown, is_prefectural, municipality_code_of
from municipalities.vacancies.models import Need
from talentpool.conventions.months import first_of_month

DOCUMENTS = ("problem", "greedy_plan", "plan", "pack")  # of a run: megabytes in a large pool


def _is_person(user: Any) -> bool:
    return bool(getattr(user, "is_authenticated", False) and user.is_active)


class RunQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Runs belong to the prefecture."""
        return self if is_prefectural(user) else self.none()

    def without_documents(self) -> Self:
        """Read everything but the large columns, which are read when they are asked for."""
        return self.defer(*DOCUMENTS)


class OfRunQuerySet(models.QuerySet[Any]):
    def with_run(self) -> Self:
        """Read the run along, but for its large columns."""
        return self.select_related("run").defer(*(f"run__{name}" for name in DOCUMENTS))


class RunPartQuerySet(OfRunQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Parts belong to the prefecture, as the runs that they are of."""
        return self if is_prefectural(user) else self.none()


class StudyQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """Studies belong to the prefecture, as the runs they are about."""
        return self if is_prefectural(user) else self.none()


class PinQuerySet(OfRunQuerySet):
    def visible_to(self, user: Any) -> Self:
        """Pins belong to the prefecture, as the runs that hold them."""
        return self if is_prefectural(user) else self.none()

    def in_force(self) -> Self:
        """Those that nobody let go and whose need may still go into a run."""
        today = timezone.localdate()
        return self.filter(
            released_at__isnull=True,
            need__status="accepted",
            need__last_month__gte=first_of_month(today),
        )

    def to_hold(self) -> Self:
        """Of those in force the ones that runs hold: of a need that is offered already its town's
        order and the answers decide."""
        proposals: Any = Need._meta.get_field("proposals").related_model
        of_need = proposals.objects.filter(need=models.OuterRef("need_id"))
        return self.in_force().exclude(models.Exists(of_need.filter(status__in=proposals.OPEN)))


class ProposalQuerySet(OfRunQuerySet):
    def visible_to(self, user: Any) -> Self:
        """The prefecture sees all, a town those of its needs."""
        if is_prefectural(user):
            return self
        code = municipality_code_of(user)
        return self.filter(KeyOfTown("need_id", Need, "id", code)) if code else self.none()


class CandidateQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """The prefecture sees all, a town those offered to it, a person the own ones that he or
        she was asked about."""
        if is_prefectural(user):
            return self
        code = municipality_code_of(user)
        if code:
            return self.filter(proposal__need__municipality_id=code)
        if _is_person(user):
            return self.filter(specialist__user=user, bundle__isnull=False)
        return self.none()

    def next_in_line(self) -> Self:
        """Of each need that is offered or ranked the one who is next: by the town's order, before
        it has one the person of the plan. Ends the filtering: one row a proposal."""
        waiting = self.filter(
            status="offered", proposal__status__in=["offered", "ranked"]
        ).select_related("proposal__need")
        order = (models.F("rank").asc(nulls_last=True), "-planned", "position")
        return waiting.order_by("proposal_id", *order).distinct("proposal_id")

    def with_consent(self) -> Self:
        """Read along whether the person agrees, in words that count today, that towns are told of
        her or him (`Candidate.is_introducible`)."""
        from talentpool.specialists.models import Specialist  # it imports what imports us

        agreeing = Specialist.objects.introducible().filter(pk=models.OuterRef("specialist"))
        return self.annotate(introducible_now=models.Exists(agreeing))


class BundleQuerySet(models.QuerySet[Any]):
    def with_towns(self) -> Self:
        """Read the candidates with their needs and towns along, in one query more."""
        candidates = self.model._meta.get_field("candidates").related_model
        return self.prefetch_related(
            models.Prefetch(
                "candidates",
                candidates.objects.select_related("proposal__need__municipality").order_by("pk"),
            )
        )

    def visible_to(self, user: Any) -> Self:
        """The prefecture sees all, a person the own approaches. A town sees its proposal only."""
        if is_prefectural(user):
            return self
        if _is_person(user):
            return self.filter(specialist__user=user)
        return self.none()


class ApplicationQuerySet(models.QuerySet[Any]):
    def visible_to(self, user: Any) -> Self:
        """A person's own; to a town those to its vacancies, until they are withdrawn (its page
        tells who it is while they are open only); the prefecture sees that somebody applied."""
        if is_prefectural(user):
            return self
        code = municipality_code_of(user)
        if code:
            return self.filter(vacancy__municipality_id=code).exclude(status="withdrawn")
        return self.filter(specialist__user=user) if _is_person(user) else self.none()
