"""What holds everywhere. `local`, `test` and `production` add only what differs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from whitenoise.compress import Compressor

from core.connections import WebConnection
from rehab_platform.logs import logging_settings
from rehab_platform.schedule import beat_schedule, periodic_jobs
from rehab_platform.settings import environment
from rehab_platform.zone_rules import use_shipped_rules
from rehab_platform.settings.reaching import *

# Before anything else: a process that knows other rules would tell people's times wrongly.
use_shipped_rules()

BASE_DIR = Path(__file__).resolve().parents[2]

SECRET_KEY = environment.secret(
    "SECRET_KEY",
    least=50,
    hint="Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(64))'",
)
SECRET_KEY_FALLBACKS = environment.words(
    "SECRET_KEY_FALLBACKS", hint="Earlier secret keys, separated by commas.", default=""
)
DEBUG = False
TRUSTED_PROXIES = environment.integer(
    "TRUSTED_PROXIES",
    default=0,
    least=0,
    hint="How many proxies of yours add the caller's address to X-Forwarded-For.",
)
ALLOWED_HOSTS = environment.words(
    "ALLOWED_HOSTS", hint="The host names this server answers to.", default="localhost,127.0.0.1"
)

METRICS_TOKEN = environment.text(
    "METRICS_TOKEN", default="", hint="What a monitor says to read /metrics. Without: no such page."
)

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_standardized_errors",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "pgtrigger",
    "csp",
    "allauth",
    "allauth.account",
    "core",
    "clinics",
    "programs",
    "patients",
    "sessions.apps.SessionsConfig",
    "reminders",
    "rehab_platform",
]

# The operators' pages and the web side have sessions of their own each: the API's devices carry tokens.
MIDDLEWARE = [
    "rehab_platform.middleware.request_log",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "rehab_platform.middleware.plain_http_refused",
    "rehab_platform.middleware.permissions_policy",
    "csp.middleware.CSPMiddleware",
    "rehab_platform.operating.middleware.Sessions",
    "rehab_platform.web.sessions.Sessions",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "rehab_platform.operating.middleware.SignedIn",
    "rehab_platform.operating.middleware.Messages",
    "rehab_platform.web.sessions.SignedIn",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "rehab_platform.urls"
WSGI_APPLICATION = "rehab_platform.wsgi.application"
APPEND_SLASH = False

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
                "csp.context_processors.nonce",
            ],
        },
    }
]

# ---- PostgreSQL ----------------------------------------------------------------------------------
# The application's role may touch rows and nothing else; the owner's migrates and loads.
CONNECT_AS = environment.choice(
    "REHAB_CONNECT_AS",
    default="app",
    options=frozenset({"app", "owner"}),
    hint="manage.py sets it for the commands that own tables.",
)
# web: pooled and impatient. worker: patient. command: as long as it takes.
PROCESS = environment.choice(
    "REHAB_PROCESS",
    default="command",
    options=frozenset({"web", "worker", "command"}),
    hint="The entry points set it: wsgi.py, celery.py and manage.py.",
)
STATEMENT_TIMEOUT_MS = {"web": 5_000, "worker": 60_000, "command": 0}[PROCESS]

if CONNECT_AS == "owner":
    _database = environment.postgres(
        "DATABASE_OWNER_URL",
        hint="The role rehab_owner, who migrates: postgresql://rehab_owner:…@host/rehab",
    )
else:
    _database = environment.postgres(
        "DATABASE_URL",
        hint="The role rehab_app, who serves: postgresql://rehab_app:…@host/rehab "
        "(python3 dev.py demo starts a server of its own).",
    )
_database["OPTIONS"] |= {
    "connect_timeout": 3,
    "server_side_binding": True,
    "prepare_threshold": 5,
    "options": (
        # Compiling costs more than it saves in statements of milliseconds.
        f"-c jit=off -c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout="
        f"{2_000 if PROCESS == 'web' else 0} "
        f"-c idle_in_transaction_session_timeout={30_000 if PROCESS == 'web' else 0} "
        # A request's statements ask about one patient or page: one plan serves every call, and
        # planning the larger ones took three times what running them does.
        f"-c plan_cache_mode={'force_generic_plan' if PROCESS == 'web' else 'auto'}"
    ),
}
if PROCESS == "web":
    _database["OPTIONS"]["pool"] = {
        "connection_class": WebConnection,
        "min_size": 1,
        "max_size": environment.integer(
            "DATABASE_POOL", default=8, least=1, hint="Connections per web process."
        ),
        "timeout": 3,
        "max_lifetime": 1800,
    }
DATABASES: dict[str, dict[str, Any]] = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# ---- Valkey: the jobs' broker, and the counters of rate limits -----------------------------------
REDIS_URL = environment.redis(
    "REDIS_URL",
    hint="The jobs' broker: redis://host:6379/0 (python3 dev.py demo starts one of its own).",
)
CACHE_URL = environment.redis(
    "CACHE_URL",
    default=urlunsplit(urlsplit(REDIS_URL)._replace(path="/1")),
    hint="Where counters live: redis://host:6379/1",
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": CACHE_URL,
        "KEY_PREFIX": "rehab",
        "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1},
    }
}

# ---- Jobs ----------------------------------------------------------------------------------------
# What waits to be done is a row in PostgreSQL; a message only says "look now", so a lost broker
# loses nothing. Acknowledged late and requeued when a worker dies: any task may run twice.
TIDY_EVERY_SECONDS = environment.integer(
    "TIDY_EVERY_SECONDS", default=300, least=1, hint="How often what has expired is tidied."
)
DELIVER_EVERY_SECONDS = environment.integer(
    "DELIVER_EVERY_SECONDS", default=30, least=1, hint="How often the outbox is looked at."
)
PERIODIC_JOBS = periodic_jobs(
    tidy_every_seconds=TIDY_EVERY_SECONDS, deliver_every_seconds=DELIVER_EVERY_SECONDS
)
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    # Longer than any task may take (CELERY_TASK_TIME_LIMIT), or a task runs twice.
    "visibility_timeout": 600,
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 2,
    "health_check_interval": 25,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT = 90
CELERY_TASK_TIME_LIMIT = 120
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_REDIRECT_STDOUTS = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_MAX_LOOP_INTERVAL = 5
CELERY_BEAT_SCHEDULE = beat_schedule(PERIODIC_JOBS)

# ---- Mail: the rest is in `reaching` ---------------------------------------------------------------
# A request leaves the nudge to a thread of its own.
OUTBOX_NUDGE = f"rehab_platform.{'nudging' if PROCESS == 'web' else 'tasks'}.nudge"
# Which mails the sender writes: it belongs to an app below.
MAIL_WRITERS = "rehab_platform.mails.WRITERS"

# ---- People --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "clinics.User"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS: list[dict[str, Any]] = [
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {
        "NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("email", "name")},
    },
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
    {"NAME": "clinics.password_rules.GuessablePasswordValidator"},
]

# The operators' web sessions. They lie beside the counters, so losing those means signing in again;
# the password and the token epoch are looked at with each page.
SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_COOKIE_NAME = "operator"
SESSION_COOKIE_PATH = "/operator/"
SESSION_COOKIE_SAMESITE = "Strict"
SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# The web side's sessions (rehab_platform.web.sessions): another cookie, another store beside it.
WEB_COOKIE_NAME = "web"
WEB_SESSION_IDLE_SECONDS = 60 * 60
LOGIN_URL = "/account/sign-in"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "rehab_platform.web.signing_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = False  # attempts are counted in PostgreSQL, by `clinics.attempts`

# ---- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
FORMAT_MODULE_PATH = "rehab_platform.formats"

# ---- Files ---------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Pages name each file by its content's hash alone, so nothing is kept, or compressed, under its plain
# name too. Source maps are read by developers alone: as they are. The manual is drawn by Swagger; ReDoc,
# which comes in the same package, is left out (collectstatic --ignore redoc), and what a browsable API
# would need, which is not there (--ignore rest_framework).
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# ---- Headers -------------------------------------------------------------------------------------
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "rehab_platform.problems.csrf_refused"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'"],
        "manifest-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
        "object-src": ["'none'"],
    }
}

# ---- API -----------------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    # The base view itself identifies the device, in the request's transaction.
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
    "DEFAULT_PERMISSION_CLASSES": ["clinics.permissions.DenyByDefault"],
    "DEFAULT_PARSER_CLASSES": ["rehab_platform.parsers.StrictJSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rehab_platform.renderers.BodyRenderer"],
    "DEFAULT_SCHEMA_CLASS": "rehab_platform.schema.HouseAutoSchema",
    "EXCEPTION_HANDLER": "rehab_platform.problems.exception_handler",
    "URL_FORMAT_OVERRIDE": None,
}
# A clinic's evening begins at nine: at nine o'clock Django takes that default for "now".
SILENCED_SYSTEM_CHECKS = ["fields.W161"]

SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "Rehabilitation at home",
    "DESCRIPTION": "Prescribe, do, log, get feedback, see adherence.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    # The description of the interface holds nothing about anyone, and integrators need it.
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "rehab_platform.schema.add_bodies",
    ],
}

LOGGING = logging_settings(
    level=environment.choice(
        "LOG_LEVEL",
        default="INFO",
        options=frozenset({"DEBUG", "INFO", "WARNING", "ERROR"}),
        hint="How much to log.",
    )
)
