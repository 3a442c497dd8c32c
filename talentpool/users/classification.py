"""Data classes of accounts, and of the tables that sign-in and the admin bring along."""

from talentpool.privacy.inventory import Table

ACCOUNT = "user__specialist"

TABLES = {
    "User": Table(
        internal="last_login is_superuser kind is_active joined_at groups user_permissions",
        personal="email name",
        secret="password",
        person="specialist",
        erased={
            "email": "erased-{pk}@erased.invalid",
            "password": "!",
            "is_active": False,
            "last_login": None,
        },
    ),
    "account.EmailAddress": Table(
        internal="verified primary",
        personal="user email",
        person=ACCOUNT,
        delete=True,
        labels={"verified": "確認済み", "primary": "主なアドレス"},
    ),
    "account.EmailConfirmation": Table(
        internal="created sent",
        personal="email_address",
        secret="key",
        person="email_address__user__specialist",
        delete=True,
        title="メールアドレスの確認",
        labels={"created": "作成", "sent": "送信"},
    ),
    "mfa.Authenticator": Table(
        internal="type created_at last_used_at",
        personal="user",
        secret="data",
        person=ACCOUNT,
        delete=True,
        title="2段階認証",
        labels={"type": "種類", "created_at": "登録日時", "last_used_at": "最後の使用"},
    ),
    "usersessions.UserSession": Table(
        internal="created_at last_seen_at",
        personal="user ip user_agent data",
        secret="session_key",
        person=ACCOUNT,
        delete=True,
        title="サインインしている端末",
        labels={
            "created_at": "サインイン",
            "last_seen_at": "最後の操作",
            "ip": "IPアドレス",
            "user_agent": "ブラウザー",
            "data": "内訳",
        },
    ),
    "sessions.Session": Table(internal="expire_date", secret="session_key session_data"),
    "admin.LogEntry": Table(
        internal="action_time user content_type object_id object_repr action_flag change_message",
        actors="user",
    ),
    "auth.Group": Table(internal="name permissions"),
    "auth.Permission": Table(internal="name content_type codename"),
    "contenttypes.ContentType": Table(internal="app_label model"),
}
