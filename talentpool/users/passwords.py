"""Words of this service make weak passwords (ASVS 6.2.11)."""

from django.conf import settings
from django.core.exceptions import ValidationError

CONTEXT_WORDS = [
    "talentpool",
    "hiroshima",
    "jinzai",
    "password",
    "ひろしま",
    "広島県",
    "人材プール",
]


class ContextWordValidator:
    """Refuse a password that is a context word with little around it."""

    def validate(self, password: str, user: object = None) -> None:
        folded = password.casefold()
        for word in [*CONTEXT_WORDS, settings.SITE_NAME.casefold()]:
            if word in folded and len(password) - len(word) < 6:
                raise ValidationError(
                    "サービス名や県名を主にしたパスワードは使えません。", code="password_context"
                )

    def get_help_text(self) -> str:
        return "サービス名や県名を主にしたパスワードは使えません。"
