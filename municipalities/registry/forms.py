"""Forms of invitations: the coordinator's and the invited person's."""

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import (
    password_validators_help_texts,
    validate_password,
)
from django.db.models import Case, When
from django.forms.models import ModelChoiceIterator

from municipalities.registry import invitations
from municipalities.registry.models import Invitation, Membership, Municipality
from talentpool.pages.errors import PlainErrorsMixin
from talentpool.pages.forms import PlainSelect, PortalForm
from talentpool.users.models import User


class _ByPrefecture(ModelChoiceIterator):
    """The choices in groups of a prefecture, without making an object of each of 1,741 towns."""

    def __iter__(self) -> Iterator[tuple[str, Any]]:
        if self.field.empty_label is not None:
            yield "", self.field.empty_label
        rows: Any = self.queryset
        towns = rows.values_list("pk", "name", "prefecture__name")
        for prefecture, group in groupby(towns, key=itemgetter(2)):
            yield prefecture, [(pk, _name_anywhere(pk, name, prefecture)) for pk, name, _ in group]


def _name_anywhere(code: str, name: str, prefecture: str) -> str:
    """As `Municipality.name_anywhere`: what is chosen is read without its group's name."""
    return name if code.startswith(settings.PREFECTURE_CODE) else f"{prefecture}{name}"


class AnywhereField(forms.ModelChoiceField):
    """A municipality of the whole country, in groups by prefecture: there are two 府中市, and
    three towns are called 朝日町. The prefecture's own come first."""

    widget = PlainSelect  # in the admin too: a template for each of them took half of its page
    iterator = _ByPrefecture

    def __init__(self, **kwargs: Any) -> None:
        everywhere = Municipality.objects.order_by(
            Case(When(code__startswith=settings.PREFECTURE_CODE, then=0), default=1),
            "prefecture_id",
            "kana",
            "code",
        )
        super().__init__(queryset=everywhere.select_related("prefecture"), **kwargs)

    def label_from_instance(self, town: Municipality) -> str:
        """In the words about what somebody else has saved meanwhile."""
        return town.name_anywhere


def anywhere_by_words() -> dict[str, str]:
    """Codes by what people write of a municipality: the prefecture's own by name, any by
    prefecture and name without a blank (東京都千代田区) and by code."""
    found = {}
    rows = Municipality.objects.values_list("code", "prefecture__name", "name")
    for code, prefecture, name in rows:
        found[code] = found[f"{prefecture}{name}"] = code
        if code.startswith(settings.PREFECTURE_CODE):
            found[name] = code
    return found


class InviteForm(PlainErrorsMixin, forms.ModelForm):
    """For the admin; `user` is set by the admin page."""

    user: User

    class Meta:
        model = Invitation
        fields = ["email", "role", "municipality", "section"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = invitations.roles_for(self.user)
        role: Any = self.fields["role"]
        role.choices = [("", "選んでください")] + [
            (value, label) for value, label in Membership.Role.choices if value in allowed
        ]
        town: Any = self.fields["municipality"]
        town.queryset = Municipality.objects.visible_to(self.user)
        town.help_text = "市町の職員を招待するときに選びます。"

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("email") and data.get("role"):
            refusal = invitations.why_not(
                email=data["email"],
                role=data["role"],
                municipality=data.get("municipality"),
                by=self.user,
            )
            if refusal:
                raise forms.ValidationError(refusal)
        return data

    def _get_validation_exclusions(self) -> set[str]:
        """The row's own rules are asked of the service in `clean`; an open invitation of the same
        address is replaced, not refused."""
        return {field.name for field in self.instance._meta.fields}


class AcceptForm(PortalForm):
    """What the invited person says: a name and a password. All else stands in the invitation."""

    name = forms.CharField(label="氏名", max_length=80)
    password1 = forms.CharField(
        label="パスワード",
        strip=False,
        widget=forms.PasswordInput(render_value=False),
    )
    password2 = forms.CharField(
        label="パスワード（もう一度）",
        strip=False,
        widget=forms.PasswordInput(render_value=False),
    )
    autocomplete: ClassVar[dict[str, str]] = {
        "name": "name",
        "password1": "new-password",
        "password2": "new-password",
    }

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        self.email = email
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = " ".join(password_validators_help_texts())

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, second = data.get("password1"), data.get("password2")
        if first and second and first != second:
            self.add_error("password2", "上のパスワードと同じものを入れてください。")
        if first:
            try:
                validate_password(first, User(email=self.email, name=data.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password1", error)
        return data
