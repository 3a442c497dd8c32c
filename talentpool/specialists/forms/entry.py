"""The way in: the mail address, the account, a firm and its people."""

from typing import Any, ClassVar

from django import forms

from municipalities.registry.forms import AcceptForm
from talentpool.conventions import corporate_number
from talentpool.conventions.folding import tidy_code, tidy_digits
from talentpool.files.checks import MOST_BYTES
from talentpool.pages.forms import PortalForm
from talentpool.specialists.models import Document


class AskForm(PortalForm):
    autocomplete: ClassVar[dict[str, str]] = {"email": "email"}

    as_firm = forms.ChoiceField(
        label="だれの登録ですか",
        choices=[("no", "自分を登録する"), ("yes", "事業者(会社)として、社員を登録する")],
        widget=forms.RadioSelect,
        initial="no",
    )
    email = forms.EmailField(
        label="メールアドレス", help_text="登録を始めるリンクを送ります。リンクは72時間使えます。"
    )


AccountForm = AcceptForm  # a name and a password, as for staff who are invited


def checked_corporate_number(typed: str) -> str:
    """13 digits with their check digit. Raises ValidationError."""
    number = tidy_digits(typed)
    if not corporate_number.is_valid(number):
        raise forms.ValidationError(
            "法人番号が正しくありません。13桁の数字を、もう一度確かめてください。"
        )
    return number


def checked_invoice_number(typed: str | None) -> str:
    """T and 13 digits, or nothing. Raises ValidationError."""
    tidy = tidy_code(typed or "").upper()
    if tidy and not corporate_number.is_valid_invoice_number(tidy, corporate=True):
        raise forms.ValidationError("Tと13桁の数字を、もう一度確かめてください。")
    return tidy


def check_numbers_together(form: forms.BaseForm, data: dict[str, Any]) -> None:
    """A company's invoice number is its corporate number with a T before it."""
    number, invoice = data.get("corporate_number"), data.get("invoice_number")
    if number and invoice and invoice != f"T{number}":
        form.add_error("invoice_number", "法人の登録番号は、Tのあとに法人番号が続きます。")


class FirmForm(PortalForm):
    name = forms.CharField(label="事業者の名称", max_length=80)
    corporate_number = forms.CharField(
        label="法人番号", help_text="13桁。国税庁の法人番号公表サイトで確かめられます。"
    )
    invoice_number = forms.CharField(
        label="インボイス登録番号", required=False, help_text="Tと13桁。登録がないときは空けます。"
    )

    def clean_corporate_number(self) -> str:
        return checked_corporate_number(self.cleaned_data["corporate_number"])

    def clean_invoice_number(self) -> str:
        return checked_invoice_number(self.cleaned_data["invoice_number"])

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        check_numbers_together(self, data)
        return data


class MemberForm(PortalForm):
    email = forms.EmailField(
        label="社員のメールアドレス",
        help_text="登録を始めるリンクを送ります。リンクは72時間使えます。すでに利用者がある人には、"
        "サインインの案内が届きます。その人の所属を変えるときは、県に連絡してください。",
    )


class ManagerForm(PortalForm):
    email = forms.EmailField(
        label="担当者のメールアドレス",
        help_text="利用者がいないときは、リンクを送ります。リンクは72時間使えます。",
    )


class DocumentForm(PortalForm):
    kind = forms.ChoiceField(
        label="書類の種類", choices=Document.Kind.choices, widget=forms.RadioSelect
    )
    file = forms.FileField(
        label="ファイル", help_text="PDF、Word(.docx)、Excel(.xlsx)、CSV、PNG、JPEG。10MBまで。"
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:  # not read into memory first
            raise forms.ValidationError("ファイルが大きすぎます。10MBまでにしてください。")
        return file


class ConfirmedForm(PortalForm):
    """The answer to a question that was asked on a page of its own."""

    confirmed = forms.CharField(widget=forms.HiddenInput, initial="yes")
