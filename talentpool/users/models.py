"""The account: one person, one account, signed in by mail address."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("kind", User.Kind.PREFECTURE)
        return self.create_user(email, password, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """Who can sign in. What the account may see follows from its membership or its profile."""

    class Kind(models.TextChoices):
        PREFECTURE = "prefecture", "県職員"
        MUNICIPALITY = "municipality", "市町職員"
        SPECIALIST = "specialist", "専門人材"
        FIRM = "firm", "事業者"

    email = models.EmailField("メールアドレス", unique=True)
    name = models.CharField("氏名", max_length=80)
    kind = models.CharField("区分", max_length=12, choices=Kind)
    is_active = models.BooleanField("有効", default=True)
    joined_at = models.DateTimeField("登録日時", default=timezone.now)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = "利用者"
        verbose_name_plural = "利用者"
        constraints = [
            models.CheckConstraint(
                name="user_email_is_lower_case", condition=Q(email=Lower("email"))
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_staff(self) -> bool:
        """Django's word for "may enter the admin"; the admin site asks for more than this."""
        return self.kind == self.Kind.PREFECTURE

    @property
    def needs_second_factor(self) -> bool:
        """Prefectural and municipal staff sign in with a second factor (A-06)."""
        return self.kind in {self.Kind.PREFECTURE, self.Kind.MUNICIPALITY}

    @property
    def role_word(self) -> str:
        """What the audit record says of the actor beside the number."""
        return self.kind
