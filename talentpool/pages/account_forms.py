"""allauth's forms in the portal's words; settings name them in ACCOUNT_FORMS and MFA_FORMS."""

from typing import ClassVar

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn

from talentpool.pages.forms import PortalFormMixin

CODE_HELP = "認証アプリに出ている6けたの番号。手元にないときは回復コード。"


class _Words(PortalFormMixin):
    """Labels and help by field."""

    labels: ClassVar[dict[str, str]] = {}
    help_texts: ClassVar[dict[str, str]] = {}

    def prepare(self) -> None:
        for name, field in self.fields.items():
            field.label = self.labels.get(name, field.label)
            field.help_text = self.help_texts.get(name, field.help_text)
        super().prepare()


class LoginForm(_Words, account.LoginForm):
    labels = {"login": "メールアドレス", "password": "パスワード"}


class ReauthenticateForm(_Words, account.ReauthenticateForm):
    labels = {"password": "パスワード"}


class AddEmailForm(_Words, account.AddEmailForm):
    labels = {"email": "追加するメールアドレス"}


class ChangePasswordForm(_Words, account.ChangePasswordForm):
    labels = {
        "oldpassword": "今のパスワード",
        "password1": "新しいパスワード",
        "password2": "新しいパスワード（もう一度）",
    }


class SetPasswordForm(_Words, account.SetPasswordForm):
    labels = {"password1": "パスワード", "password2": "パスワード（もう一度）"}


class ResetPasswordForm(_Words, account.ResetPasswordForm):
    labels = {"email": "メールアドレス"}


class ResetPasswordKeyForm(_Words, account.ResetPasswordKeyForm):
    labels = {"password1": "新しいパスワード", "password2": "新しいパスワード（もう一度）"}


class AuthenticateForm(_Words, mfa.AuthenticateForm):
    labels = {"code": "確認の番号"}
    help_texts = {"code": CODE_HELP}


class MFAReauthenticateForm(_Words, mfa.ReauthenticateForm):
    labels = {"code": "確認の番号"}
    help_texts = {"code": CODE_HELP}


class ActivateTOTPForm(_Words, totp.ActivateTOTPForm):
    labels = {"code": "確認の番号"}
    help_texts = {"code": "認証アプリに出た6けたの番号を入れてください。"}


class AddWebAuthnForm(_Words, webauthn.AddWebAuthnForm):
    labels = {"name": "鍵の名前", "passwordless": "パスワードなしでサインインできるようにする"}
    help_texts = {
        "name": "あとで見分けるための名前です。",
        "passwordless": "指紋、顔、暗証番号のどれかで本人を確かめる鍵が要ります。",
    }


class EditWebAuthnForm(_Words, webauthn.EditWebAuthnForm):
    labels = {"name": "鍵の名前"}
