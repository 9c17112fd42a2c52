"""Settings.

What an operator may set is read from the environment here and nowhere else; docs/settings.md is
generated from READ.
"""

import os
import tempfile
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.csp import CSP
from jinja2 import FileSystemBytecodeCache
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from haochaping.kernel import logs
from haochaping.kernel.addresses import networks
from haochaping.kernel.crypto import Keyring, load_secret, signature
from haochaping.kernel.embedded import EmbeddedPostgres
from haochaping.kernel.errors import Refusal
from haochaping.kernel.words import Words

READ: dict[str, str] = {}  # name -> what it is, for the documentation


def _read(name: str, default: str, says: str) -> str:
    READ[name] = says
    return os.environ.get(name) or default


def _on(name: str, says: str) -> bool:
    return _read(name, "", says) == "1"


def _one_of(name: str, values: list[str], says: str) -> str:
    """Read a setting with few values, the first where it is not set: a typing error must not open a
    door.
    """
    if (value := _read(name, values[0], says)) not in values:
        listed = ", ".join(value for value in values if value)
        raise Refusal(Words(f"{name} 只能是 {listed}，或不设。", f"{name} is {listed} or not set."))
    return value


HOME = Path(
    _read("HCP_HOME", "var", "folder for the embedded database, the secret and logs; default ./var")
).absolute()
DATABASE_URL = _read(
    "DATABASE_URL", "", "PostgreSQL that the application uses; empty: the embedded one"
)
OWNER_DATABASE_URL = _read(
    "HCP_OWNER_DATABASE_URL",
    DATABASE_URL,
    "the same database as the owner of its tables, for migrations; default DATABASE_URL",
)
AS_OWNER = _on("HCP_AS_OWNER", "1 for the migration process only; set by hcp itself")
HOSTS = _read(
    "HCP_HOSTS",
    "localhost,127.0.0.1,[::1]",
    "host names under which the pages are served, separated by commas",
)
DEMO = _on(
    "HCP_DEMO",
    "1 shows the demonstration banner and offers services to rate; set by hcp serve --demo",
)
PROFILE = _read(
    "HCP_CRYPTO",
    "intl",
    "how personal data is sealed: intl (AES-GCM, HMAC-SHA256) or gm (SM4-GCM, HMAC-SM3)",
)
SECRET_FILE = Path(
    _read(
        "HCP_SECRET_FILE",
        str(HOME / "secret"),
        "32 random bytes from which all keys are derived; made at the first start",
    )
)
HTTPS = _on("HCP_HTTPS", "1 when the pages are served over HTTPS: secure cookies and HSTS")
STATEMENT_TIMEOUT_MS = _read(
    "HCP_STATEMENT_TIMEOUT_MS", "15000", "how long a statement of a page may run, in milliseconds"
)

PUBLIC_URL = _read(
    "HCP_PUBLIC_URL",
    "http://localhost:8000",
    "address under which citizens reach the pages: it goes into SMS and QR codes",
).rstrip("/")
COLLECTOR_URL = _read(
    "HCP_COLLECTOR_URL",
    "http://localhost:8001",
    "address under which devices and systems reach the interface",
).rstrip("/")
CLIENT_PER_MINUTE = int(
    _read(
        "HCP_CLIENT_PER_MINUTE",
        "120000",
        "how many requests a minute one client system may send to one collector process",
    )
)
SMS = _read(
    "HCP_SMS",
    "",
    "how SMS are sent, see docs/operate/sms.md: smpp://…, aliyun://… or huawei://…; empty: they "
    "are only listed",
)
SMS_DAILY = int(
    _read(
        "HCP_SMS_DAILY",
        "100000",
        "how many charged SMS parts may go out on one day; what is more waits for the next",
    )
)
SMS_INVITE_HOURS = _read(
    "HCP_SMS_INVITE_HOURS",
    "",
    "hours after a service at which its invitation goes out by SMS; empty: none is sent",
)

LEDGER_WITNESSES = _read(
    "HCP_LEDGER_WITNESSES",
    "",
    "witnesses that cosign the ledger, see docs/publish/witness.md: address and verifier key with "
    "a space between, several separated by commas",
)
LEDGER_ENOUGH = int(
    _read(
        "HCP_LEDGER_ENOUGH", "2", "how many witnesses must have signed for a proof to be cosigned"
    )
)
TWO_FACTOR = _one_of(
    "HCP_TWO_FACTOR",
    ["", "admins", "all"],
    "who must sign in with a code of an authenticator too: empty (whoever wants to), admins or all",
)

SEALING_KEYS = SECRET_FILE.with_name("sealing-keys")  # made by `hcp rotate-sealing-key`
KEYRING = Keyring(load_secret(SECRET_FILE), PROFILE, SEALING_KEYS)
VIRUS_SCANNER = _read(
    "HCP_VIRUS_SCANNER",
    "",
    "host:port of clamd, which looks at attachments before they are shown; empty: none does",
)
CTI = _read(
    "HCP_CTI",
    "",
    "address of the 12345 telephone system's hook, which puts agents through "
    "(docs/integrate/cti.md); empty: agents dial",
)
MAIL = _read(
    "HCP_MAIL",
    "",
    "how offices are told by mail: smtp://user:password@host:25?from=address (smtps:// for TLS); "
    "empty: not at all",
)
_mail = urlsplit(MAIL)
MAIL_FROM = dict(parse_qsl(_mail.query)).get("from", f"haochaping@{_mail.hostname}")
_mail_options = {
    "host": _mail.hostname,
    "port": _mail.port or (465 if _mail.scheme == "smtps" else 25),
    "username": unquote(_mail.username or ""),
    "password": unquote(_mail.password or ""),
    "use_ssl": _mail.scheme == "smtps",
    "timeout": 20,
}
MAILERS = {"default": {"OPTIONS": _mail_options}} if MAIL else {}
CTI_SECRET = signature(KEYRING.secret, "sha256", b"cti")[
    :48
]  # with which the telephone system and we check each other
SMS_HOOK_SECRET = signature(KEYRING.secret, "sha256", b"sms-hooks")[
    :32
]  # part of the addresses to which gateways push: they sign nothing themselves
SECRET_KEY = signature(KEYRING.secret, "sha256", b"django")

embedded = EmbeddedPostgres(HOME / "postgres")


def database_url(*, owner: bool) -> str:
    """Return the address of the database for the application or for the owner of its tables."""
    if DATABASE_URL:
        return OWNER_DATABASE_URL if owner else DATABASE_URL
    return embedded.dsn("hcp_owner" if owner else "hcp_app")


DSN = database_url(owner=False)  # for processes that connect without Django

try:
    _dsn = conninfo_to_dict(database_url(owner=AS_OWNER))
except ProgrammingError as wrong:
    raise Refusal(
        Words(
            "DATABASE_URL 不是有效的 PostgreSQL 地址，应为 postgresql://用户:密码@主机:5432/库名。",
            "DATABASE_URL is not the address of a PostgreSQL database: "
            "postgresql://user:password@host:5432/name.",
        ),
        code="database_url",
    ) from wrong
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _dsn.get("dbname", ""),
        "USER": _dsn.get("user", ""),
        "PASSWORD": _dsn.get("password", ""),
        "HOST": _dsn.get("host", ""),
        "PORT": str(_dsn.get("port", "")),
        "CONN_MAX_AGE": 300,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {
            "connect_timeout": 5,
            "options": "-c timezone=UTC "
            f"-c statement_timeout={0 if AS_OWNER else STATEMENT_TIMEOUT_MS} "
            "-c lock_timeout=4000 -c idle_in_transaction_session_timeout=60000",
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

ROOMS = [
    "kernel",
    "regions",
    "audit",
    "feed",
    "ledger",
    "identity",
    "calls",
    "exports",
    "retention",
    "rosters",
    "announcements",
    "calendar",
    "policies",
    "notifications",
    "directory",
    "indicators",
    "upstream",
    "themes",
    "records",
    "invitations",
    "devices",
    "evaluations",
    "screening",
    "attachments",
    "routing",
    "texts",
    "orders",
    "feedback",
    "callbacks",
    "supervision",
    "problems",
    "detection",
    "proofs",
    "analytics",
    "lake",
    "insight",
    "reports",
    "privacy",
    "sandbox",
    "publication",
    "exchange",
    "accounts",
    "console",
    "portal",
]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    *(f"haochaping.{room}" for room in ROOMS),
    "haochaping.config.apps.FlowConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "haochaping.config.lifeline.Lifeline",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "haochaping.config.gate.bounded",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "haochaping.config.gate.Gate",
]
ROOT_URLCONF = "haochaping.config.urls"
WSGI_APPLICATION = "haochaping.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "APP_DIRS": True,
        "OPTIONS": {
            "environment": "haochaping.kernel.pages.environment",
            "trim_blocks": True,
            "lstrip_blocks": True,
            # in a folder of the user's own: what was compiled once need not be after a restart
            "bytecode_cache": FileSystemBytecodeCache(),
            "context_processors": ["django.template.context_processors.csp"],
        },
    }
]

# the shells in which a refusal is shown, to people of the office and to everybody else
REFUSAL_PAGES = {"office": "console/refused.html", "public": "portal/refused.html"}

AUTH_USER_MODEL = "identity.User"
SIGN_IN_PROFILE = _one_of(
    "HCP_PROFILE",
    ["asvs", "dengbao"],
    "rules for passwords where two standards contradict each other: `asvs` (OWASP ASVS 5.0: length "
    "alone, no rotation) or `dengbao` (等保三级: three kinds of characters, renewed each 90 days)",
)
PASSWORD_DAYS = 90 if SIGN_IN_PROFILE == "dengbao" else None  # after which a password is renewed
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    *([{"NAME": "haochaping.kernel.passwords.Kinds"}] if SIGN_IN_PROFILE == "dengbao" else []),
]
LOGIN_URL = "/admin/sign-in"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True

DEBUG = False
ALLOWED_HOSTS = [host.strip() for host in HOSTS.split(",")]
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF, COLLECTOR_URL],
    "form-action": [CSP.SELF],
    "base-uri": [CSP.NONE],
    "frame-ancestors": [CSP.NONE],
    "manifest-src": [CSP.SELF],
    "worker-src": [CSP.SELF],
}
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
# behind proxies of ours: whose word on address and scheme counts; HTTP is then led to HTTPS
TRUSTED_PROXIES = networks(
    _read(
        "HCP_TRUSTED_PROXIES",
        "",
        "addresses and networks of our own proxies, separated by commas: X-Forwarded-For and "
        "X-Forwarded-Proto count as far as they wrote them; empty: there are none",
    )
)
CERTIFICATES = _on(
    "HCP_CERTIFICATES",
    "1: people may sign in to the back-office by the client certificate (SM2 or other) that a "
    "proxy of HCP_TRUSTED_PROXIES has checked: docs/operate/sign-in.md",
)
OIDC = _read(
    "HCP_OIDC",
    "",
    "identity provider 统一身份认证 of the back-office: https://CLIENT:SECRET@issuer?claim=NAME; "
    "the claim that names the account is preferred_username where none is given",
)
OUTBOUND_ALLOW = networks(
    _read(
        "HCP_OUTBOUND_ALLOW",
        "",
        "networks of our own that may be called although they are not public (a city's 12345 "
        "system, an SMS gateway), separated by commas",
    )
)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_SSL_REDIRECT = HTTPS and bool(TRUSTED_PROXIES)
SECURE_REDIRECT_EXEMPT = [r"^health$"]  # asked by load balancers from within
SECURE_REFERRER_POLICY = "same-origin"  # tokens in addresses never leave
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "haochaping.kernel.pages.csrf_failed"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024  # what is larger waits on the disk, not in memory
FILE_UPLOAD_TEMP_DIR = tempfile.gettempdir()

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = Path(__file__).resolve().parent.parent / "static"
WHITENOISE_IMMUTABLE_FILE_TEST = r"^.+-[0-9A-Z]{8}\..+$"

# what stands before the secret part of an address: links of citizens, hooks, partners' paths
BEFORE_SECRETS = r"/(?:e|s)/|/hooks/sms/|/dialects/(?:zj|ah)/"
LOGGING = logs.configuration(BEFORE_SECRETS)
