"""Settings of Postroom, all by environment variables; `.env.example` describes each of them.

Without DATABASE_URL and REDIS_URL the embedded servers of DATA_DIR are meant (see `local/`).
A bad value stops the start with a sentence that names the variable and what would be right.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF

from crm import logs
from crm.lib import env
from local.servers import locate

# Lets generic classes such as ModelForm[User] be written at run time as the type checker reads them.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent
VERSION = re.search(r"^## (\S+)", (BASE_DIR / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)[1]  # type: ignore[index]
TESTING = "pytest" in sys.modules


def read_if_there(path: Path) -> str:
    """The text of a file, or nothing."""
    return path.read_text(encoding="utf-8").strip() if path.is_file() else ""


# --- Where it runs ------------------------------------------------------------------------------

DEMO_KEY = "the-demo-key-which-everybody-knows-and-production-refuses"
PRODUCTION = env.boolean("PRODUCTION", default=False)
DEBUG = env.boolean("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", DEMO_KEY)
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
PORT = env.integer("PORT", 8000, minimum=1, maximum=65535)
SITE_URL = env.text("SITE_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
DATA_DIR = Path(env.text("DATA_DIR", str(BASE_DIR / ".data"))).absolute()
#: The demo's emulated Gmail, Microsoft 365 and everybody else: pages link to it, and mailboxes are looked for there.
#: `make run` leaves its address in DATA_DIR, so that commands given beside it mean the same world.
OUTSIDE_WORLD_URL = env.text("OUTSIDE_WORLD_URL", read_if_there(DATA_DIR / "outside-world"))
TRUSTED_PROXIES = env.integer("TRUSTED_PROXIES", 0, maximum=5)

site = urlsplit(SITE_URL)
HTTPS = site.scheme == "https"
if site.scheme not in {"http", "https"} or not site.hostname:
    raise env.BadSetting(f"SITE_URL is {SITE_URL!r}: write the address people type, such as https://crm.example.com.")
if PRODUCTION and (SECRET_KEY == DEMO_KEY or len(SECRET_KEY) < 50):
    raise env.BadSetting(
        "SECRET_KEY is missing, the demo's or shorter than 50 characters: production needs its own. "
        "Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'"
    )
if PRODUCTION and site.scheme != "https":
    raise env.BadSetting("SITE_URL begins with http://: production needs https://.")
if PRODUCTION and DEBUG:
    raise env.BadSetting("DEBUG shows secrets to visitors: it cannot be on in production.")

ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", [site.hostname, "localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [f"{site.scheme}://{site.netloc}"]

# --- What it is made of -------------------------------------------------------------------------

INSTALLED_APPS = [
    "crm",
    "accounts",
    "contacts",
    "emails",
    "exclusions",
    "intake",
    "emailsync",
    "integrations",
    "console",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "heroicons",
    "rest_framework",
]
MIDDLEWARE = [
    "crm.middleware.ObserveMiddleware",
    "integrations.middleware.ApiMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionActivityMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.TenantMiddleware",
    "integrations.idempotency.IdempotencyMiddleware",
]
ROOT_URLCONF = "crm.urls"
WSGI_APPLICATION = "crm.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["crm.templatetags.icons", "crm.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "accounts.context.account",
            ],
        },
    }
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Where it keeps things ----------------------------------------------------------------------

_embedded = locate(DATA_DIR)
DATABASE_URL = env.text("DATABASE_URL", _embedded.database_url)
# The role that owns the tables, for `migrate`; the web and the workers never connect as it.
DATABASE_OWNER_URL = env.text(
    "DATABASE_OWNER_URL", DATABASE_URL if env.text("DATABASE_URL") else _embedded.owner_database_url
)
REDIS_URL = env.text("REDIS_URL", _embedded.redis_url)


def database(variable: str, url: str) -> dict[str, Any]:
    """Django's settings for a database URL."""
    try:
        settings = dj_database_url.parse(url, conn_max_age=60, conn_health_checks=True)
    except ValueError as error:
        raise env.BadSetting(f"{variable} cannot be read: write postgres://user:password@host:5432/name.") from error
    if settings["ENGINE"] != "django.db.backends.postgresql":
        raise env.BadSetting(f"{variable} names {settings['ENGINE']}: Postroom needs PostgreSQL.")
    return {**settings}


DATABASES = {
    "default": database("DATABASE_URL", DATABASE_URL),
    "owner": database("DATABASE_OWNER_URL", DATABASE_OWNER_URL) | {"CONN_MAX_AGE": 0, "TEST": {"MIRROR": "default"}},
}
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "postroom",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 2**20
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 2**20
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(DATA_DIR / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(DATA_DIR / "media")))
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if TESTING
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Work behind the web ------------------------------------------------------------------------

#: A worker serves one or more of these (E12); `local/parts.py` and docker-compose.yml say which.
QUEUES = ("live", "send", "backfill", "labels", "default")
CELERY_BROKER_URL = (
    f"redis+socket://{REDIS_URL.removeprefix('unix://')}" if REDIS_URL.startswith("unix:") else REDIS_URL
)
CELERY_TASK_IGNORE_RESULT = True
#: A task that hangs must not hold its worker for ever. Long work goes on in pieces, each a task of its own.
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_DEFAULT_QUEUE = "default"
#: Tasks that do not wait in the default queue.
CELERY_TASK_ROUTES = {
    "accounts.tasks.send_invitation": {"queue": "send"},
    "emailsync.tasks.tell_of_trouble": {"queue": "send"},
    "emailsync.tasks.dispatch": {"queue": "live"},
    "emailsync.tasks.poll": {"queue": "live"},
    "emailsync.tasks.match_contacts": {"queue": "live"},
    "emailsync.tasks.walk": {"queue": "backfill"},
    "emailsync.tasks.preview": {"queue": "backfill"},
    "emailsync.tasks.label": {"queue": "labels"},
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_keepalive": True}
CELERY_TIMEZONE = "UTC"
CELERY_IMPORTS = ["crm.health"]
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    f"seen-{queue}": {
        "task": "crm.health.beat",
        "schedule": 15,
        "kwargs": {"queue": queue},
        # One that waited longer than this proves nothing.
        "options": {"queue": queue, "expires": 15},
    }
    for queue in QUEUES
} | {
    "dispatch": {
        "task": "emailsync.tasks.dispatch",
        "schedule": 5,
        # The next one finds whatever this one would have.
        "options": {"queue": "live", "expires": 5},
    },
    "enforce-rights": {
        "task": "emailsync.tasks.enforce_rights",
        "schedule": 60,
        "options": {"queue": "default", "expires": 60},
    },
    "go-on-removing": {
        "task": "exclusions.tasks.go_on_removing",
        "schedule": 60,
        "options": {"queue": "default", "expires": 60},
    },
    "forget-answers": {
        "task": "integrations.tasks.forget_answers",
        "schedule": 3600,
        "options": {"queue": "default"},
    },
}

# --- Mailboxes ----------------------------------------------------------------------------------

#: Where Gmail, Google's log-in, Graph and Entra are; the emulator has all of them under one roof.
GOOGLE_API_ROOT = env.text("GOOGLE_API_ROOT", OUTSIDE_WORLD_URL or "https://gmail.googleapis.com").rstrip("/")
GOOGLE_OAUTH_ROOT = env.text("GOOGLE_OAUTH_ROOT", OUTSIDE_WORLD_URL).rstrip("/")
MICROSOFT_GRAPH_ROOT = env.text(
    "MICROSOFT_GRAPH_ROOT", f"{OUTSIDE_WORLD_URL}/graph" if OUTSIDE_WORLD_URL else "https://graph.microsoft.com"
).rstrip("/")
MICROSOFT_LOGIN_ROOT = env.text(
    "MICROSOFT_LOGIN_ROOT", OUTSIDE_WORLD_URL or "https://login.microsoftonline.com"
).rstrip("/")
GOOGLE_CLIENT_ID = env.text(
    "GOOGLE_CLIENT_ID", "postroom-demo.apps.googleusercontent.example" if OUTSIDE_WORLD_URL else ""
)
GOOGLE_CLIENT_SECRET = env.text("GOOGLE_CLIENT_SECRET", "demo-secret" if OUTSIDE_WORLD_URL else "")
MICROSOFT_CLIENT_ID = env.text("MICROSOFT_CLIENT_ID", "postroom-demo" if OUTSIDE_WORLD_URL else "")
MICROSOFT_CLIENT_SECRET = env.text("MICROSOFT_CLIENT_SECRET", "demo-secret" if OUTSIDE_WORLD_URL else "")
#: The directory whose people may log in: common, organizations, consumers, or a tenant's id.
MICROSOFT_TENANT = env.text("MICROSOFT_TENANT", "common")
#: Which of Gmail's price lists holds: projects since May 2026 pay four times as much for a message.
GOOGLE_QUOTA = env.choice("GOOGLE_QUOTA", "new", allowed=("new", "old"))
#: Whether mailboxes are paced (E6). The emulated ones have no quota to keep to, unless somebody gives them one.
PACED = env.boolean("PACED", default=not OUTSIDE_WORLD_URL)
#: Pushes (E9): Gmail's come through this Pub/Sub topic, signed for this account; without a topic there are none.
GOOGLE_PUBSUB_TOPIC = env.text(
    "GOOGLE_PUBSUB_TOPIC", "projects/postroom-demo/topics/gmail" if OUTSIDE_WORLD_URL else ""
)
GOOGLE_PUBSUB_ACCOUNT = env.text(
    "GOOGLE_PUBSUB_ACCOUNT",
    "pubsub-push@postroom-demo.iam.gserviceaccount.example" if OUTSIDE_WORLD_URL else "",
)
#: Graph calls back itself: only where it can reach us.
MICROSOFT_PUSH = env.boolean("MICROSOFT_PUSH", default=bool(OUTSIDE_WORLD_URL) or HTTPS)

# --- Who may come in (S5) -----------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
LOGIN_REDIRECT_URL = "home"
LOGIN_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_SIGNUP_FORM_CLASS = "accounts.forms.SignupForm"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_CHANGE = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
MFA_ADAPTER = "accounts.adapter.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Postroom"
USERSESSIONS_TRACK_ACTIVITY = True

# --- Mail that Postroom itself sends -----------------------------------------------------------

DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", f"Postroom <postroom@{site.hostname}>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
EMAIL_HOST = env.text("EMAIL_HOST")
EMAIL_PORT = env.integer("EMAIL_PORT", 587, maximum=65535)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD")
EMAIL_USE_TLS = env.boolean("EMAIL_USE_TLS", default=True)
EMAIL_TIMEOUT = 20
EMAIL_FILE_PATH = DATA_DIR / "mail"
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend" if EMAIL_HOST else "crm.mail.FileBackend"
if PRODUCTION and not EMAIL_HOST:
    raise env.BadSetting("EMAIL_HOST is missing: invitations and password resets need a mail server.")

# --- Language and time --------------------------------------------------------------------------

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

# --- Safety (S6) --------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}
SECURE_SSL_REDIRECT = PRODUCTION and env.boolean("SECURE_SSL_REDIRECT", default=True)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "crm.views.csrf_failure"

# --- The API ------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["integrations.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["integrations.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["integrations.parsers.BoundedJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "integrations.schema.Operation",
    "DEFAULT_THROTTLE_CLASSES": ["integrations.throttling.TokenThrottle"],
    "DEFAULT_THROTTLE_RATES": {"token": env.text("API_RATE", "600/min"), "stranger": "30/min"},
    "EXCEPTION_HANDLER": "integrations.problems.handle",
    "NUM_PROXIES": TRUSTED_PROXIES,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Postroom",
    "DESCRIPTION": "Contacts, and every email to and from them. Errors are RFC 9457 problem details.",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "DEFAULT_GENERATOR_CLASS": "integrations.schema.Generator",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "integrations.schema.add_problems",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SWAGGER_UI_DIST": "SIDECAR",
    # Links within the buttons that open an operation are no good to a screen reader.
    "SWAGGER_UI_SETTINGS": {
        "deepLinking": False,
        "defaultModelsExpandDepth": -1,
        "syntaxHighlight": {"theme": "monokai"},
    },
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    # Of choices whose fields have one name in several objects.
    "ENUM_NAME_OVERRIDES": {
        "ExclusionKind": "exclusions.models.Exclusion.Kind",
        "MailboxState": "emailsync.models.Mailbox.State",
        "RunState": "emailsync.models.Run.State",
    },
}
METRICS_TOKEN = env.text("METRICS_TOKEN")

# --- Logs ---------------------------------------------------------------------------------------

LOG_FORMAT = env.choice("LOG_FORMAT", "json" if PRODUCTION else "text", allowed=("json", "text"))
LOG_LEVEL = env.choice("LOG_LEVEL", "info", allowed=("debug", "info", "warning", "error"))
LOGGING = logs.configuration(LOG_FORMAT, LOG_LEVEL)
