"""なぜこの人ではないか: any person beside any need of a run, also people the run did not know.

Mounted inside the admin by matching.proposals.admin, which checks that the account is the
prefecture's. Reading only.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from matching import engine
from matching.engine.lookup import Lookup
from matching.engine.standing import Standing, standing
from matching.proposals.apart import towns_in
from matching.proposals.freeze import towns_served
from matching.proposals.freshness import Now
from matching.proposals.models import Run
from matching.proposals.plan_page import limit_words
from matching.proposals.promised import promises
from matching.proposals.words import rule_words
from municipalities.registry.access import SignedInRequest
from municipalities.registry.models import Municipality
from municipalities.vacancies.models import Need
from talentpool.pages.forms import PortalForm
from talentpool.specialists.models import Specialist
from talentpool.specialists.services import log_views

UNKNOWN = "この登録番号の人はいません。番号を確かめてください（例：H-204）。"
LATER = "計算のあとに登録された人で、この計算は知りません。"
NOT_REGISTERED = (
    "いまは登録中ではありません（{status}）。計算は、そのとき登録中だった人だけを対象にします。"
)
NO_TIME = (
    "計算のときに、期間を通じて空きがまったくなかったか、登録中ではなかったため、対象外でした。"
)


class WhyForm(PortalForm):
    """Which person, beside which need."""

    need = forms.ChoiceField(label="案件")
    person = forms.CharField(
        label="人材の登録番号",
        max_length=20,
        help_text="例：H-204。この計算の対象外の人も調べられます。",
    )

    def __init__(self, *args: Any, needs: list[tuple[str, str]], user: Any, **kw: Any) -> None:
        super().__init__(*args, **kw)
        field = self.fields["need"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 (declared above)
        field.choices = needs
        self.user = user
        self.prepare()

    def clean_person(self) -> Specialist:
        number = self.cleaned_data["person"].strip().upper()
        found = Specialist.objects.visible_to(self.user).filter(pool_number=number).first()
        if found is None:
            raise forms.ValidationError(UNKNOWN)
        person: Specialist = found
        return person


@dataclass(frozen=True, slots=True)
class Why:
    """The answer: what the plan says of the pair, or why the run did not know the person; what is
    used up, and by whom; how it stands now ("" where nothing is to be planned any more).
    `is_free`: nothing is in the way but that the plan has others."""

    person: Specialist
    need: str
    outside: str = ""
    chosen: str = ""
    rules: tuple[tuple[str, str], ...] = ()
    room: str = ""
    is_free: bool = False
    in_the_way: tuple[str, ...] = ()
    instead: tuple[str, ...] = ()
    booked: tuple[str, ...] = ()
    promised: tuple[str, ...] = ()
    now: str = ""

    @property
    def is_as_then(self) -> bool:
        """Whether the same rules keep the person out today as when the run was frozen."""
        return bool(self.rules) and self.now == "。".join(text for _, text in self.rules) + "。"

    @property
    def is_full(self) -> bool:
        """Whether the person fits, and only others are in the way."""
        return not (self.outside or self.chosen or self.rules or self.room or self.is_free)


def why_page(request: SignedInRequest, run_id: int) -> HttpResponse:
    """Why this person does not serve this need: the rules with their margins, or who holds the
    time, or why the run did not know the person."""
    run = get_object_or_404(Run.objects.visible_to(request.user), pk=run_id)
    context: dict[str, Any] = {"run": run}
    try:
        problem = engine.problem_from_json(run.problem)
        plan = engine.plan_from_json(run.plan or run.greedy_plan)
    except engine.ProblemError:
        return render(request, "proposals/why.html", context | {"is_unreadable": True})
    names = _needs(run, problem)
    asked = request.GET if "person" in request.GET else None
    form = WhyForm(
        asked, needs=names, user=request.user, initial={"need": request.GET.get("need", "")}
    )
    context["form"] = form
    if asked is not None and form.is_valid():
        why = _why(run, problem, plan, form.cleaned_data["need"], form.cleaned_data["person"])
        context["why"] = why
        others = Specialist.objects.filter(pool_number__in=why.instead)
        log_views(
            sorted({why.person.pk, *others.values_list("pk", flat=True)}),
            viewer=request.user,
            scope="pool_number",
            purpose=f"候補を選ぶ計算（第{run.number}回）でこの人が選ばれない理由を確かめるため",
        )
    return render(request, "proposals/why.html", context)


def _needs(run: Run, problem: engine.Problem) -> list[tuple[str, str]]:
    """The needs of the frozen input with their towns and titles, by the towns' kana."""
    titles = {str(pk): title for pk, title in run.needs.values_list("pk", "title")}
    towns = {town.id: town.name for town in problem.towns}
    kana = Municipality.objects.kana_of(towns)
    town_of = {need.id: need.town for need in problem.needs}
    named = [(n.id, f"{towns[n.town]}「{titles.get(n.id, '')}」") for n in problem.needs]
    return sorted(named, key=lambda row: (kana.get(town_of[row[0]], ""), row[1], row[0]))


def _why(
    run: Run, problem: engine.Problem, plan: engine.Plan, need_id: str, person: Specialist
) -> Why:
    names = dict(_needs(run, problem))
    people = {one.id: one.name for one in problem.specialists}
    key = str(person.pk)
    row = Need.objects.select_related("municipality").get(pk=need_id)
    told: dict[str, Any] = {
        "booked": _booked(person, row),
        "promised": _promised(person, row),
        "now": _now(run, plan, row, person),
    }
    if key not in people:
        return Why(person, names[need_id], outside=_outside(run, person), **told)
    found, lookup = standing(problem, plan, need_id, key), Lookup(problem)
    chosen = [a for a in plan.assignments if a.need == need_id]
    return Why(
        person,
        names[need_id],
        chosen=_chosen(found, plan, need_id, key),
        rules=tuple(rule_words(lookup, need_id, key, rule) for rule in found.rules),
        room=f"月{found.half_days / 2:g}日" if found.half_days and not found.chosen else "",
        is_free=[one.limit for one in found.limits] == ["place"],
        in_the_way=limit_words(
            (one for one in found.limits if one.limit != "place"), names.__getitem__
        ),
        instead=tuple(people[a.specialist] for a in chosen if a.specialist != key),
        **told,
    )


def _chosen(found: Standing, plan: engine.Plan, need_id: str, specialist_id: str) -> str:
    """What the plan gives the person of this need, in words; empty where it does not."""
    if not found.chosen:
        return ""
    mine = (a for a in plan.assignments if (a.need, a.specialist) == (need_id, specialist_id))
    given = next(mine)
    return f"案は、この人をこの案件に月{given.half_days / 2:g}日あてています（{given.score}点）。"


def _outside(run: Run, person: Specialist) -> str:
    """Why the frozen input does not hold the person, as far as it can be told now."""
    if person.registered_on is not None and person.registered_on > timezone.localdate(
        run.created_at
    ):
        return LATER
    if person.status != Specialist.Status.REGISTERED:
        return NOT_REGISTERED.format(status=person.get_status_display())
    return NO_TIME


def _booked(person: Specialist, need: Need) -> tuple[str, ...]:
    """The towns that hold or have signed days of the person in the need's months, by kana."""
    served = towns_served(need.first_month, need.last_month)
    return _names(towns_in(served, person.pk, need))


def _promised(person: Specialist, need: Need) -> tuple[str, ...]:
    """The towns to which the person is offered next in line in the need's months, for other needs
    than this one: their days count as taken before anybody is asked."""
    made = promises(need.first_month, need.last_month, but_for=[need])
    return _names({one.town for one in made if one.person == person.pk})


def _names(codes: Collection[str]) -> tuple[str, ...]:
    towns = Municipality.objects.filter(code__in=codes).order_by("kana", "code")
    return tuple(towns.values_list("name", flat=True))


def _now(run: Run, plan: engine.Plan, need: Need, person: Specialist) -> str:
    """How the pair stands with the days, towns and registrations of today; empty where the need is
    not to be planned any more."""
    now = Now(run, plan, [person.pk])
    key = str(need.pk)
    if key not in now.needs:
        return ""
    fit = now.instead(key, [str(person.pk)])[str(person.pk)]
    if fit.half_days:
        return f"いまは条件に合い、月{fit.half_days / 2:g}日まであてられます（{fit.score}点）。"
    return f"{fit.why_not}。"
