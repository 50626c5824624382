from __future__ import annotations

import pytest
from django.core.exceptions import ImproperlyConfigured

from rehab_platform.settings import environment
from rehab_platform.settings.environment import SettingUnusable

HINT = "Ask the operator."


@pytest.fixture
def put(monkeypatch):
    """Set the variable THING for one test."""
    monkeypatch.delenv("THING", raising=False)
    monkeypatch.delenv("THING_FILE", raising=False)

    def put(value, name="THING"):
        monkeypatch.setenv(name, str(value))

    return put


def test_a_text_is_read_without_the_space_around_it(put):
    put("  rehab.example.org \n")

    assert environment.text("THING", hint=HINT) == "rehab.example.org"


@pytest.mark.parametrize("value", [None, "", "   "])
def test_a_missing_variable_stops_and_says_what_to_do(put, value):
    if value is not None:
        put(value)

    with pytest.raises(ImproperlyConfigured) as stopped:
        environment.text("THING", hint=HINT)

    assert str(stopped.value) == "THING is not set. Ask the operator."


def test_a_default_stands_in_for_a_missing_variable(put):
    assert environment.text("THING", hint=HINT, default="") == ""
    assert environment.integer("THING", hint=HINT, default=300) == 300
    assert environment.flag("THING", hint=HINT, default=True) is True
    assert environment.words("THING", hint=HINT, default="a, b") == ["a", "b"]


def test_a_file_may_hold_the_value(put, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("from the store\n")
    put(secret, name="THING_FILE")

    assert environment.text("THING", hint=HINT) == "from the store"


def test_a_file_that_cannot_be_read_stops(put, tmp_path):
    put(tmp_path / "absent", name="THING_FILE")

    with pytest.raises(SettingUnusable, match="THING names a file that cannot be read"):
        environment.text("THING", hint=HINT)


@pytest.mark.parametrize("value", ["three", "1_000", "-1", "1.5", "٣", "0"])
def test_only_plain_whole_numbers_within_bounds_are_numbers(put, value):
    put(value)

    with pytest.raises(SettingUnusable, match="THING is not a whole number of at least 1"):
        environment.integer("THING", hint=HINT, default=5, least=1)


def test_a_number_is_read(put):
    put("8")

    assert environment.integer("THING", hint=HINT, default=5) == 8


@pytest.mark.parametrize(
    ("value", "meaning"),
    [("true", True), ("1", True), ("YES", True), ("false", False), ("0", False), ("No", False)],
)
def test_a_flag_is_true_or_false(put, value, meaning):
    put(value)

    assert environment.flag("THING", hint=HINT, default=not meaning) is meaning


def test_a_flag_that_is_neither_stops(put):
    put("maybe")

    with pytest.raises(SettingUnusable, match="THING is neither true nor false"):
        environment.flag("THING", hint=HINT, default=False)


def test_words_lose_their_space_and_empty_parts(put):
    put("rehab.example.org, ,www.example.org,")

    assert environment.words("THING", hint=HINT) == ["rehab.example.org", "www.example.org"]


def test_a_choice_names_its_options(put):
    put("root")

    with pytest.raises(SettingUnusable, match="THING is none of app, owner"):
        environment.choice("THING", hint=HINT, default="app", options=frozenset({"owner", "app"}))


@pytest.mark.parametrize(
    "value", ["short", "a" * 60, "django-insecure-abcdefghijklmnopqrstuvwxyz0123456789abcdef"]
)
def test_a_weak_secret_stops_without_being_repeated(put, value):
    put(value)

    with pytest.raises(SettingUnusable, match="THING is too weak") as stopped:
        environment.secret("THING", hint=HINT, least=50)

    assert value not in str(stopped.value)


def test_a_strong_secret_is_read(put):
    put("Zm9yIHRoZSB0ZXN0cyBvbmx5OiAwMTIzNDU2Nzg5IGFiY2RlZmdoaWprbG1ub3A")

    assert environment.secret("THING", hint=HINT, least=50).startswith("Zm9yIHRo")


def test_a_postgresql_address_may_name_a_host(put):
    put("postgresql://rehab_app:p%40ss@db.internal:6432/rehab?sslmode=require")

    assert environment.postgres("THING", hint=HINT) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "rehab",
        "USER": "rehab_app",
        "PASSWORD": "p@ss",
        "HOST": "db.internal",
        "PORT": "6432",
        "OPTIONS": {"sslmode": "require"},
    }


def test_a_postgresql_address_may_name_a_socket(put):
    put("postgresql://rehab_app@/rehab?host=/run/postgresql")

    found = environment.postgres("THING", hint=HINT)

    assert (found["HOST"], found["PORT"], found["PASSWORD"]) == ("/run/postgresql", "", "")
    assert found["OPTIONS"] == {}


@pytest.mark.parametrize(
    "value",
    [
        "mysql://rehab_app:Wien1873@db/rehab",
        "sqlite:///db.sqlite3",
        "postgresql://rehab_app:Wien1873@db/",
        "postgresql://db/rehab",
        "postgresql://rehab_app:Wien1873@db:port:port/rehab",
    ],
)
def test_what_is_no_postgresql_address_stops_without_its_password(put, value):
    put(value)

    with pytest.raises(SettingUnusable, match=r"^THING (is no PostgreSQL URL|names no)") as stopped:
        environment.postgres("THING", hint=HINT)

    assert "Wien1873" not in str(stopped.value)
    assert stopped.value.__cause__ is None


@pytest.mark.parametrize("value", ["http://localhost:6379", "localhost:6379"])
def test_what_is_no_redis_address_stops(put, value):
    put(value)

    with pytest.raises(SettingUnusable, match="THING is no Redis URL"):
        environment.redis("THING", hint=HINT)


SMTP = "django.core.mail.backends.smtp.EmailBackend"


@pytest.mark.parametrize(
    ("value", "host", "port", "tls", "ssl"),
    [
        ("smtp://mail", "mail", 25, False, False),
        ("smtp://mail:2525", "mail", 2525, False, False),
        ("smtp+tls://mail", "mail", 587, True, False),
        ("smtps://mail", "mail", 465, False, True),
    ],
)
def test_a_mail_server_s_address_says_how_to_speak_to_it(put, value, host, port, tls, ssl):
    put(value)

    assert environment.mail("THING", hint=HINT) == {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": host,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": "",
        "EMAIL_HOST_PASSWORD": "",
        "EMAIL_USE_TLS": tls,
        "EMAIL_USE_SSL": ssl,
    }


def test_mails_may_go_into_a_folder_or_to_the_console(put):
    put("file:///var/my%20mail")
    folder = environment.mail("THING", hint=HINT)
    put("console:")
    console = environment.mail("THING", hint=HINT)

    assert folder == {
        "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
        "EMAIL_FILE_PATH": "/var/my mail",
    }
    assert console == {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}


@pytest.mark.parametrize(
    "value",
    [
        "mail.example.org",
        "http://mail",
        "smtp://:Wien1873@/",
        "smtp://mail:Wien1873",
        "smtp://mail:99999",
        "file://mail",
    ],
)
def test_what_is_no_mail_server_s_address_stops_without_its_password(put, value):
    put(value)

    with pytest.raises(SettingUnusable, match=r"^THING ") as stopped:
        environment.mail("THING", hint=HINT)

    assert "Wien1873" not in str(stopped.value)


def test_a_template_holds_its_place(put):
    put("json://gateway/?:to={to}")
    assert environment.template("THING", hint=HINT, default="", must_hold="{to}") == (
        "json://gateway/?:to={to}"
    )
    put("")
    assert environment.template("THING", hint=HINT, default="", must_hold="{to}") == ""
    put("json://user:Wien1873@gateway/")

    with pytest.raises(SettingUnusable, match=r"^THING does not hold \{to\}\. ") as stopped:
        environment.template("THING", hint=HINT, default="", must_hold="{to}")

    assert "Wien1873" not in str(stopped.value)


@pytest.mark.parametrize("values", [{}, {"ONE": "", "TWO": ""}, {"ONE": "1", "TWO": "2"}])
def test_all_or_none_is_well(values):
    environment.all_or_none(**values)


def test_a_part_of_what_belongs_together_stops_without_values():
    with pytest.raises(
        SettingUnusable, match=r"^TWO is not set\. It belongs to ONE, THREE"
    ) as said:
        environment.all_or_none(ONE="Wien1873", TWO="", THREE="3")

    assert "Wien1873" not in str(said.value)


@pytest.mark.parametrize(
    ("value", "provider", "keys"),
    [
        ("postmark://TO%2FKEN@", "postmark", {"POSTMARK_SERVER_TOKEN": "TO/KEN"}),
        ("brevo://KEY@", "brevo", {"BREVO_API_KEY": "KEY"}),
        (
            "mailjet://KEY:SEC%40RET@",
            "mailjet",
            {"MAILJET_API_KEY": "KEY", "MAILJET_SECRET_KEY": "SEC@RET"},
        ),
        (
            "mailgun://KEY@mg.example.org?api=https://api.eu.mailgun.net/v3",
            "mailgun",
            {
                "MAILGUN_API_KEY": "KEY",
                "MAILGUN_SENDER_DOMAIN": "mg.example.org",
                "MAILGUN_API_URL": "https://api.eu.mailgun.net/v3",
            },
        ),
    ],
)
def test_a_provider_s_address_holds_its_keys(put, value, provider, keys):
    put(value)

    assert environment.mail("THING", hint=HINT) == {
        "EMAIL_BACKEND": f"anymail.backends.{provider}.EmailBackend",
        "MAIL_PROVIDER": provider,
        "ANYMAIL": keys,
    }


@pytest.mark.parametrize(
    ("value", "missing"),
    [
        ("postmark://", "username"),
        ("brevo://", "username"),
        ("mailjet://Wien1873@", "password"),
        ("mailgun://Wien1873@", "hostname"),
    ],
)
def test_a_provider_s_address_without_a_key_stops_without_the_others(put, value, missing):
    put(value)

    with pytest.raises(SettingUnusable, match=rf"^THING lacks a part .*: {missing}") as stopped:
        environment.mail("THING", hint=HINT)

    assert "Wien1873" not in str(stopped.value)
