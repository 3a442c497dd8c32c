"""Who the person is and comes from: basics, background, roles."""

from datetime import date
from typing import Any, ClassVar

from django import forms
from django.utils import timezone

from municipalities.registry.forms import AnywhereField
from talentpool.pages.fields import JapaneseDateField, KatakanaField
from talentpool.pages.opened import words_of
from talentpool.specialists.forms.base import TopicForm, YearsField, YesNoField, terms
from talentpool.specialists.models import Background, Document, Specialist, WorkProfile
from talentpool.specialists.services import changes

Kind = Specialist.Kind
# Asked of a firm's people too, who need not answer: the law looks at the work they had before.
FORMER_STAFF = {
    "retired_on": "県を退職した日(県の職員だったことがある方)",
    "was_manager": "県で、部課長級以上の職に就いたことがありますか(県の職員だったことがある方)",
    "departments": "退職前5年間の県での所属(県の職員だったことがある方)",
}


class BasicsForm(TopicForm):
    autocomplete: ClassVar[dict[str, str]] = {"name": "name"}

    name = forms.CharField(label="お名前", max_length=80)
    kana = KatakanaField(label="フリガナ", max_length=80)
    known_as = forms.CharField(
        label="通称・旧姓",
        max_length=80,
        required=False,
        help_text="仕事で使う名前が、お名前と違うときだけ入れてください。"
        "お名前を見せることに同意した市町には、並べて見せます。",
    )
    kind = forms.ChoiceField(
        label="どの立場で登録しますか",
        widget=forms.RadioSelect,
        choices=[
            (Kind.RETIRED, "県職員OB(県を退職した方)"),
            (Kind.SIDE_JOB, "兼業・副業(ほかに本業がある方、個人で働く方)"),
            (Kind.ACADEMIC, "大学・高専などに所属する方"),
            (Kind.NATIONAL, "国の人材リストから紹介された方"),
            (Kind.OTHER, "そのほかの方"),
        ],
    )
    base = AnywhereField(
        label="拠点の市町",
        help_text="住まいか仕事場のある市町。県内が先頭で、県外は都道府県ごとに並んでいます。"
        "市町までの距離を計算するために使います。",
    )

    def __init__(self, *args: Any, person: Specialist, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        if person.kind == Kind.FIRM:  # who was invited by a firm belongs to it
            del self.fields["kind"]
        elif person.status in Specialist.IN_POOL:  # what was vetted, and what the kind entails
            kind = self.fields["kind"]
            kind.disabled = True
            kind.help_text = "登録の後は変えられません。変わったときは、県にご連絡ください。"

    def start(self, person: Specialist) -> dict[str, Any]:
        return {
            "name": person.name,
            "kana": person.kana,
            "known_as": person.known_as,
            "kind": person.kind,
            "base": person.base_id,
        }

    def vetted(self, person: Specialist) -> dict[str, str]:
        return {"お名前": person.name, "フリガナ": person.kana, "通称・旧姓": person.known_as}

    def write(self) -> None:
        changed = list(self.cleaned_data)
        if (
            self.cleaned_data.get("kind", self.person.kind) != self.person.kind
        ):  # nobody need settle what was chosen
            self.person.kind_unsettled_since = None
            changed.append("kind_unsettled_since")
        for name, value in self.cleaned_data.items():
            setattr(self.person, name, value)
        self.person.save(update_fields=changed)


class BackgroundForm(TopicForm):
    """The questions of the person's kind only."""

    FIELDS: ClassVar[dict[str, tuple[str, ...]]] = {
        Kind.RETIRED: (
            "retired_on",
            "last_post",
            "was_manager",
            "departments",
            "present_work",
            "employer",
            "reported",
        ),
        Kind.SIDE_JOB: (
            "employer",
            "post",
            "permit_needed",
            "permit_given_on",
            "side_job_permit_until",
        ),
        **dict.fromkeys(Specialist.BELONGING, ("employer", "post")),
        Kind.FIRM: ("post", "retired_on", "was_manager", "departments"),
    }
    OF_PERSON = ("employer", "side_job_permit_until")
    UNVETTED = ("post", "permit_needed")  # the second is a change of its own

    retired_on = JapaneseDateField(label="退職した日")
    last_post = forms.CharField(label="最後の職", max_length=80, help_text="例：デジタル課長")
    was_manager = YesNoField(label="部課長級以上の職に就いたことがありますか")
    departments = forms.CharField(
        label="退職前5年間の所属",
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="1行に1つ、年度と課の名前を書いてください。例：令和3年度 情報システム課",
    )
    present_work = forms.ChoiceField(
        label="今の勤め先",
        choices=Background.Work.choices,
        widget=forms.RadioSelect,
        help_text="会社などに勤めている方には、地方公務員法第38条の2の決まりがあります。",
    )
    employer = forms.CharField(label="勤務先の名称", max_length=80, required=False)
    reported = forms.ChoiceField(
        label="再就職の届出をしましたか",
        choices=Background.Answer.choices,
        widget=forms.RadioSelect,
        required=False,
        help_text="部課長級以上で退職し、会社などに勤めた方が対象です。",
    )
    post = forms.CharField(label="職名", max_length=80, required=False)
    permit_needed = YesNoField(
        label="副業に、勤務先の許可や承諾が要りますか",
        help_text="公務員の方は、地方公務員法第38条などの許可が要ります。",
    )
    permit_given_on = JapaneseDateField(label="許可・承諾を受けた日", required=False)
    side_job_permit_until = JapaneseDateField(
        label="許可・承諾の期限",
        required=False,
        help_text="まだのときは空けておけます。",
    )

    def __init__(self, *args: Any, person: Specialist, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        wanted = self.FIELDS[person.kind]
        self.fields = {name: self.fields[name] for name in wanted}
        if person.kind in Specialist.BELONGING:
            self.fields["employer"].label = "所属先"
        if person.kind == Kind.FIRM:  # a vendor's people may have retired from the prefecture
            for name, label in FORMER_STAFF.items():
                self.fields[name].label, self.fields[name].required = label, False
            self.prepare()
        if person.kind in {*Specialist.BELONGING, Kind.SIDE_JOB}:
            self.fields["employer"].required = True
            self.prepare()

    def start(self, person: Specialist) -> dict[str, Any]:
        more = getattr(person, "background", None) or Background()
        return {
            name: getattr(person if name in self.OF_PERSON else more, name)
            for name in self.FIELDS[person.kind]
        }

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("present_work") == Background.Work.COMPANY and not data.get("employer"):
            self.add_error("employer", "会社などに勤めているときは、勤務先の名称を入れてください。")
        former = data.get("was_manager") or data.get("departments")
        undated = not data.get("retired_on") and "retired_on" not in self.errors
        if self.person.kind == Kind.FIRM and former and undated:
            self.add_error("retired_on", "県の職員だった方は、退職した日を入れてください。")
        if data.get("retired_on") and data["retired_on"] > timezone.localdate():
            self.add_error("retired_on", "退職した日は、今日までの日を入れてください。")
        self._check_permit(data.get("permit_given_on"), data.get("side_job_permit_until"))
        return data

    def _check_permit(self, given: date | None, until: date | None) -> None:
        """Nobody has a permission that is still to be given, and of who is in the pool none lasts
        longer than what the prefecture has a copy of."""
        if given and given > timezone.localdate():
            self.add_error("permit_given_on", "許可・承諾を受けた日は、今日までの日です。")
        elif given and until and until < given:
            self.add_error("side_job_permit_until", "期限は、許可を受けた日より後にしてください。")
        elif until and self._lasts_longer(until) and not self._has_copy_since(given):
            self.add_error(
                "side_job_permit_until",
                "期限を延ばすときは、先に「書類」でその許可・承諾書の写しを送り、"
                "許可・承諾を受けた日も入れてください。その日より前に送った写しは、使えません。",
            )

    def _lasts_longer(self, until: date) -> bool:
        before = self.person.side_job_permit_until
        return self.person.status in Specialist.IN_POOL and (before is None or until > before)

    def _has_copy_since(self, given: date | None) -> bool:
        """Also of a permission that is known: its end may have been mistyped, and the prefecture
        looks at the change beside the copy."""
        copies = self.person.documents.filter(kind=Document.Kind.PERMIT)
        return given is not None and copies.filter(file__uploaded_at__date__gte=given).exists()

    def vetted(self, person: Specialist) -> dict[str, str]:
        return {
            str(self.fields[name].label): words_of(self.fields[name], value)
            for name, value in self.start(person).items()
            if name in self.fields and name not in self.UNVETTED
        }

    def write(self) -> None:
        more, _ = Background.objects.get_or_create(specialist=self.person)
        needed_before, employer_before = more.permit_needed, self.person.employer
        for name, value in self.cleaned_data.items():
            setattr(self.person if name in self.OF_PERSON else more, name, value)
        more.save()
        self.person.background = more
        self.person.save(update_fields=list(self.OF_PERSON))
        if self.person.kind == Kind.SIDE_JOB:
            changes.keep_permit_change(self.person, needed_before)
        if "employer" in self.fields:
            changes.keep_employer_change(self.person, employer_before)


class RolesForm(TopicForm):
    read_blind = ("strengths",)

    talent_types = forms.MultipleChoiceField(
        label="人材類型",
        widget=forms.CheckboxSelectMultiple,
        help_text="国の外部人材スキル標準の区分です。当てはまるものをすべて選んでください。",
    )
    dss_roles = forms.MultipleChoiceField(
        label="役割",
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text="デジタルスキル標準(DSS-P)の役割です。当てはまるものをすべて選んでください。",
    )
    years = YearsField(label="IT分野の経験年数")
    municipal_years = YearsField(label="そのうち、自治体の仕事の年数")
    strengths = forms.CharField(
        label="得意なこと",
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="お名前を伏せたまま市町に見せます。お名前や会社名は書かないでください。",
    )
    languages = forms.CharField(
        label="日本語のほかに仕事で使える言語",
        max_length=100,
        required=False,
        help_text="例：英語、中国語",
    )

    def __init__(self, *args: Any, person: Specialist, **kwargs: Any) -> None:
        super().__init__(*args, person=person, **kwargs)
        self.fields["talent_types"].choices = terms("talent_type")  # type: ignore[attr-defined]
        self.fields["dss_roles"].choices = terms("dss_role")  # type: ignore[attr-defined]

    def start(self, person: Specialist) -> dict[str, Any]:
        more = getattr(person, "work_profile", None) or WorkProfile()
        names = ("talent_types", "dss_roles", "languages")
        started = {name: getattr(more, name) for name in names}
        untouched = not person.years and not started["talent_types"]
        for name in ("years", "municipal_years", "strengths"):
            started[name] = getattr(person, name)
        if untouched:  # an empty box asks; a zero would answer
            started["years"] = started["municipal_years"] = None
        return started

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        years, municipal = data.get("years"), data.get("municipal_years")
        if years is not None and municipal is not None and municipal > years:
            self.add_error("municipal_years", "経験年数より長くはできません。")
        return data

    def write(self) -> None:
        more, _ = WorkProfile.objects.get_or_create(specialist=self.person)
        for name, value in self.cleaned_data.items():
            setattr(more if hasattr(more, name) else self.person, name, value)
        more.save()
        self.person.save(update_fields=["years", "municipal_years", "strengths"])
