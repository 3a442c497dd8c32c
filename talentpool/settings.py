"""Settings of the portal, all from the environment; the profile decides what is strict.

TALENTPOOL_PROFILE is `production` (default, HTTPS only), `demo` (plain HTTP on localhost, sample
data) or `test`. Everything that differs between them stands in this file.
"""

import csv
import os
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

import talentpool.celery  # noqa: F401 - tasks are sent by this application wherever Django runs

BASE_DIR = Path(__file__).resolve().parent.parent

PROFILE = os.environ.get("TALENTPOOL_PROFILE", "production")
if PROFILE not in {"production", "demo", "test"}:
    raise ImproperlyConfigured(f"TALENTPOOL_PROFILE must be production, demo or test: {PROFILE!r}")
PRODUCTION = PROFILE == "production"
SAMPLE_DATA = PROFILE != "production"
DEBUG = False

# Only the demo and the tests have a key of their own; it protects nothing but sample data.
SECRET_KEY = os.environ.get("SECRET_KEY", "" if PRODUCTION else "sample-data-only-" + "k" * 50)
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be set in production.")
ALLOWED_HOSTS = os.environ.get(
    "ALLOWED_HOSTS", "" if PRODUCTION else "localhost,127.0.0.1,[::1],testserver"
).split(",")


def _prefecture_name(code: str) -> str:
    """The name behind PREFECTURE_CODE, from the code list that ships with the product."""
    listed = BASE_DIR / "municipalities" / "registry" / "data" / "municipalities.csv"
    with listed.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["code"].startswith(code) and not row["municipality"]:
                return row["prefecture"]
    raise ImproperlyConfigured(f"PREFECTURE_CODE must be 01 to 47: {code!r}")


PREFECTURE_CODE = os.environ.get("PREFECTURE_CODE") or "34"
PREFECTURE_NAME = _prefecture_name(PREFECTURE_CODE)
# What the product is shipped for; another prefecture sets its own names.
_SITE_NAME, _OFFICE = (
    ("ひろしま情報人材プール", "総務局 デジタル基盤整備課")
    if PREFECTURE_CODE == "34"
    else (f"{PREFECTURE_NAME}情報人材プール", "情報政策担当課")
)
SITE_NAME = os.environ.get("SITE_NAME") or _SITE_NAME
PREFECTURE_OFFICE = os.environ.get("PREFECTURE_OFFICE") or _OFFICE
CONTACT = os.environ.get("CONTACT", "")  # telephone and mail of the office, by a comma
SITE_URL = os.environ.get("SITE_URL", "http://localhost:8000" if not PRODUCTION else "")
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "no-reply@pool.example.jp")

INSTALLED_APPS = [
    "talentpool.pages",
    "talentpool.privacy",
    "talentpool.audit",
    "talentpool.outbox",
    "talentpool.vocabulary",
    "talentpool.users",
    "talentpool.files",
    "municipalities.registry.apps.PoolAdminConfig",
    "municipalities.registry",
    "talentpool.specialists",
    "talentpool.rights",
    "municipalities.vacancies",
    "matching.engagements",
    "matching.pool",
    "matching.proposals",
    "consultations.desk",
    "consultations.knowledge",
    "talentpool.embedded",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",  # its widget templates, found beside ours
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_filters",
    "django_htmx",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "talentpool.pages.nul.NoNulCookiesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "talentpool.users.middleware.SessionLifetimeMiddleware",
    "talentpool.users.middleware.SecondFactorMiddleware",
    "talentpool.users.middleware.NoStoreMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "talentpool.pages.nul.NoNulMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "talentpool.users.middleware.UserSessionMiddleware",
    "talentpool.pages.again.TryAgainMiddleware",
]

ROOT_URLCONF = "talentpool.urls"
WSGI_APPLICATION = "talentpool.wsgi.application"
FORM_RENDERER = "talentpool.pages.forms.PortalRenderer"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "talentpool.pages.context.portal",
            ],
        },
    }
]

# --- Data ---------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        os.environ.get("DATABASE_URL", "postgres:///talentpool"),
        conn_max_age=0,
        conn_health_checks=True,
    )
}
DATABASES["default"].setdefault("OPTIONS", {})
# Whatever disks the server has, one page of an index costs it hardly more than the next: with its
# own estimate, made for turning disks, it reads a town's rows past those of all others (D-15).
DATABASES["default"]["OPTIONS"].setdefault("options", "-c random_page_cost=1.1")
if PRODUCTION:
    DATABASES["default"]["OPTIONS"]["pool"] = {"min_size": 1, "max_size": 8, "timeout": 10}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "users.User"

BROKER_URL = os.environ.get("BROKER_URL", "redis://localhost:6379/0")


def _broker_database(number: int) -> str:
    """The same server as the broker's, another database number."""
    parts = urlsplit(BROKER_URL)
    if parts.scheme in {"redis+socket", "unix"}:
        return f"unix://{parts.path}?db={number}"
    return parts._replace(path=f"/{number}").geturl()


# Rate limits must be shared by all web processes, so the cache is the broker's server.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": os.environ.get("CACHE_URL", _broker_database(1)),
        "KEY_PREFIX": PROFILE,
    }
}

# --- Background work: row first (outbox), idempotent tasks, sweeps (A-35 to A-41) --------------
CELERY_BROKER_URL = BROKER_URL.replace("unix://", "redis+socket://", 1)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# Kibibytes: a worker's process that has been larger is replaced after its task. Files are read by
# children with limits of their own, plans are solved by others; this is for what is left.
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 400 * 1024
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600  # below half the visibility timeout
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 1500,
    # kombu acts on every tenth sweep only; 1 restores lost messages at each (measured, A.6).
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    # With the broker away, kombu's own patience would hold a web request for 7 seconds (measured).
    "max_retries": 1,
    "interval_start": 0.2,
}
CELERY_TASK_PUBLISH_RETRY = False  # the outbox retries, the web request does not wait
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_TIMEZONE = "Asia/Tokyo"
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_BEAT_SCHEDULE = {
    name: {
        "task": task,
        "schedule": schedule,
        # A message that nobody took until the next tick is worth nothing: the next one does more.
        "options": {"expires": 120, "headers": {"at_start": at_start}},
    }
    for name, task, schedule, at_start in [
        ("relay the outbox", "outbox.relay", crontab(), True),
        ("note the end of the audit chain", "audit.note_head", crontab(hour=0, minute=5), False),
        ("take up lost matching runs", "proposals.sweep_runs", crontab(), True),
        ("take up lost studies", "proposals.sweep_studies", crontab(), True),
        ("move on what is past its date", "proposals.sweep_dates", crontab(), True),
        (
            "ask whether declared days still hold",
            "specialists.ask_each_month",
            crontab(minute=35, hour="8-18"),
            False,
        ),
        ("count the pool's time", "engagements.renew_outlook", crontab(hour=4, minute=10), True),
        ("count the overview", "pool.renew_overview", crontab(hour=4, minute=20), True),
        ("end what is past its last day", "engagements.end_past", crontab(hour=0, minute=20), True),
        ("look for new conflicts", "engagements.watch_all", crontab(minute=40), False),
        ("remove what is past its term", "rights.purge", crontab(hour=3, minute=10), False),
        ("look for unusual views", "rights.watch_views", crontab(minute="5,35"), False),
        ("give up old imports", "registry.discard_old_imports", crontab(minute=50), False),
        ("take up lost imports", "vacancies.sweep_imports", crontab(), True),
        ("take up lost imports of contracts", "registry.sweep_imports", crontab(), True),
        ("take up lost imports of people", "specialists.sweep_imports", crontab(), True),
        ("keep the monthly round", "vacancies.keep_calendar", crontab(minute=20), True),
        (
            "verify the month's batches",
            "vacancies.check_exports",
            crontab(hour=2, minute=20),
            False,
        ),
        (
            "end registrations past their term",
            "specialists.sweep_terms",
            crontab(hour=1, minute=0),
            True,
        ),
        (
            "fit the confidence of declared days anew",
            "specialists.refit_confidence",
            crontab(day_of_month=1, hour=4, minute=30),
            False,
        ),
        ("scan uploads again", "files.sweep", crontab(minute="*/10"), True),
    ]
}

# --- Sign-in (A-04 to A-09) -----------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "talentpool.users.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts come by invitation, which proves the address
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = f"【{SITE_NAME}】"
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before a change of address or password
ACCOUNT_EMAIL_NOTIFICATIONS = True  # of a change of password, address or factor (ASVS 6.3.7)
ACCOUNT_FORMS = {
    name: f"talentpool.pages.account_forms.{form}"
    for name, form in {
        "login": "LoginForm",
        "reauthenticate": "ReauthenticateForm",
        "add_email": "AddEmailForm",
        "change_password": "ChangePasswordForm",
        "set_password": "SetPasswordForm",
        "reset_password": "ResetPasswordForm",
        "reset_password_from_key": "ResetPasswordKeyForm",
    }.items()
}
MFA_FORMS = {
    name: f"talentpool.pages.account_forms.{form}"
    for name, form in {
        "authenticate": "AuthenticateForm",
        "reauthenticate": "MFAReauthenticateForm",
        "activate_totp": "ActivateTOTPForm",
        "add_webauthn": "AddWebAuthnForm",
        "edit_webauthn": "EditWebAuthnForm",
    }.items()
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = SITE_NAME
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
# Staff need a second factor. The demo lets its sample accounts in without one and says so.
SECOND_FACTOR_REQUIRED = PROFILE != "demo"
USERSESSIONS_TRACK_ACTIVITY = True
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "talentpool.users.passwords.ContextWordValidator"},
]
if PROFILE == "test":
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    ACCOUNT_RATE_LIMITS = False

# The page of a version of the form sends 16 values for each of its 62 fields; 1,000 are too few.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_500
SESSION_IDLE_MINUTES = {"staff": 30, "specialist": 120}
SESSION_ABSOLUTE_HOURS = 12
SESSION_COOKIE_AGE = SESSION_ABSOLUTE_HOURS * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if PRODUCTION:
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 63_072_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    # One trusted proxy in front ends TLS and sets this header itself.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # And sets or appends the visitor's address: the limits count by the last one, not by its own.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
    CSRF_TRUSTED_ORIGINS = [SITE_URL] if SITE_URL else []

# Enforced on every page, the admin included; no unsafe-* anywhere.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

# --- Mail, static files, language ---------------------------------------------------------------
EMAIL_BACKEND = os.environ.get(
    "EMAIL_BACKEND",
    "django.core.mail.backends.smtp.EmailBackend"
    if PRODUCTION
    else "django.core.mail.backends.filebased.EmailBackend",
)
EMAIL_FILE_PATH = os.environ.get("EMAIL_FILE_PATH", "")
if PROFILE == "test":
    EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
elif not PRODUCTION and not EMAIL_FILE_PATH and "EMAIL_BACKEND" not in os.environ:
    EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
EMAIL_HOST = os.environ.get("EMAIL_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("EMAIL_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = os.environ.get("EMAIL_USE_TLS", "") == "1"
EMAIL_TIMEOUT = 20
BOUNCE_WEBHOOK_SECRET = os.environ.get("BOUNCE_WEBHOOK_SECRET", "")  # empty: no webhook
# News to thousands leaves at this rate, whatever the number of workers (D-14).
MAILS_PER_SECOND = float(os.environ.get("MAILS_PER_SECOND", "1000" if PROFILE == "test" else "10"))
if MAILS_PER_SECOND <= 0:
    raise ImproperlyConfigured("MAILS_PER_SECOND must be above 0.")

# Uploads lie outside the web root and are sent by a view only.
FILES_ROOT = os.environ.get(
    "FILES_ROOT",
    str(
        Path(tempfile.gettempdir()) / "talentpool-test" if PROFILE == "test" else BASE_DIR / "files"
    ),
)
# clamd://host:3310 or clamd:///socket. Empty: no scanner, and every upload is held.
FILES_SCANNER = os.environ.get("FILES_SCANNER", "" if PRODUCTION else "sample:")

STATIC_URL = "static/"
STATIC_ROOT = os.environ.get("STATIC_ROOT", str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
if PRODUCTION:
    STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
    }
else:
    WHITENOISE_USE_FINDERS = True
    WHITENOISE_AUTOREFRESH = True  # looks a file up when it is asked for: nothing to collect first

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_I18N = True
USE_TZ = True
CSRF_FAILURE_VIEW = "talentpool.pages.views.csrf_failure"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {"paths": {"()": "talentpool.pages.masking.MaskPaths"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["paths"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "INFO"},
}
