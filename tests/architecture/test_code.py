"""Rules that every file of the product keeps. Each guard returns what it complains about."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path

import pytest

from tests.architecture.project import ROOT, Module, modules, written_by_hand

Guard = Callable[[Module], list[str]]

LONGEST_FUNCTION = 40
LONGEST_FILE = 400
# Longer, and why: an entry that is no longer needed must go.
LONG_FILES: dict[str, str] = {}

EDGE = re.compile(
    r"(^clinics/http\.py|/tasks\.py|/api\.py|/api/\w+\.py|/management/commands/\w+\.py)$"
    r"|^rehab_platform/"
)
# Reads of the clock away from the edge, and why.
CLOCKS = {
    "core/bulk.py": "created_at and updated_at are technical: Django's own insert reads it there too",
}
# Words in English alone, and why.
UNTRANSLATED = {
    "rehab_platform/schema.py": "an example in the API's description, which is in English",
}
# Names that say nothing, and what they do say here.
SHAPELESS_TESTS = {
    "tests/services.py": "it starts the services, PostgreSQL and Valkey, and holds nothing else",
}
CLOCK = re.compile(r"(^|\.)(date\.today|datetime\.today|datetime\.now|datetime\.utcnow)$")
TIMEZONE_CLOCK = re.compile(r"(^|\.)timezone\.(now|localdate|localtime)$|^(localdate|localtime)$")

HTTP = re.compile(
    r"(^clinics/(http|openapi|permissions)\.py|/tasks\.py|/urls\.py|/api(\.py|/\w+\.py))$"
)
HTTP_PACKAGES = ("rest_framework", "drf_spectacular", "drf_standardized_errors", "celery")
HTTP_NAMES = ("django.http", "django.shortcuts", "django.views")
SIGNALS = ("django.db.models.signals", "django.dispatch")
NEVER_NAMED = {"ModelViewSet", "GenericForeignKey", "GenericRelation", "StreamingHttpResponse"}
NEVER_CALLED = {"delay", "apply_async", "raw", "extra"}
SHAPELESS = {"utils", "helpers", "common", "misc", "services"}

LASTING_CONTEXT = re.compile(
    r"set_config\(\s*'app\.[^)]*,\s*(false|FALSE|'f'|0)\s*\)|\bSET\s+(SESSION\s+|LOCAL\s+)?app\.\w",
    re.IGNORECASE,
)
NAMED_BY_DJANGO = re.compile(r"_auto_\d|_and_more$|_(alter|remove|delete|rename)_\w+_\w+_|^\d{4}$")
MIGRATION = re.compile(r"^\d{4}_[a-z0-9_]+$")


def clock_reads(module: Module) -> list[str]:
    """A clock is read at the edge and passed on as `now=`."""
    if EDGE.search(module.path):
        return []
    return [
        f"{module.at(node)} reads the clock: {called}"
        for node, called in _calls(module)
        if CLOCK.search(called) or TIMEZONE_CLOCK.search(called)
    ]


def hidden_work(module: Module) -> list[str]:
    """What runs is called where it runs: no signals, no save() overrides, no delayed calls."""
    return [
        *(
            f"{module.at(node)} imports {name}"
            for node, name in _imports(module)
            if name in SIGNALS
        ),
        *(
            f"{module.at(node)} imports {name}"
            for node, name in _imports(module)
            if name.rsplit(".", 1)[0] in SIGNALS or name.rsplit(".", 1)[-1] in NEVER_NAMED
        ),
        *(
            f"{module.at(node)} names {node.attr}"
            for node in ast.walk(module.tree)
            if isinstance(node, ast.Attribute) and node.attr in NEVER_NAMED
        ),
        *(
            f"{module.at(node)} calls {called}"
            for node, called in _calls(module)
            if "." in called and called.rsplit(".", 1)[1] in NEVER_CALLED
        ),
    ]


def hidden_behaviour(module: Module) -> list[str]:
    """No `save` or `delete` of a class's own, no `ordering` in a Meta, no `fields = "__all__"`."""
    faults = []
    for place in (each for each in ast.walk(module.tree) if isinstance(each, ast.ClassDef)):
        for node in place.body:
            if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete"}:
                if not _is_view(place):
                    faults.append(f"{module.at(node)} overrides {node.name}")
            elif isinstance(node, ast.Assign):
                word = ast.unparse(node.targets[0])
                if place.name == "Meta" and word == "ordering":
                    faults.append(f"{module.at(node)} orders by default")
                if word == "fields" and ast.unparse(node.value) == "'__all__'":
                    faults.append(f"{module.at(node)} opens all fields")
    return faults


def broad_excepts(module: Module) -> list[str]:
    """What is not understood is not caught: one handler at the edge answers it."""
    broad = {"Exception", "BaseException"}
    return [
        f"{module.at(node)} catches everything"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or broad & {ast.unparse(part) for part in _parts(node.type)})
    ]


def lasting_contexts(module: Module) -> list[str]:
    """A clinic's context ends with its transaction, or the pool's next borrower inherits it."""
    return [f"{module.path}: {found[0]}" for found in LASTING_CONTEXT.finditer(module.source)]


def long_functions(module: Module) -> list[str]:
    """A function fits on a screen, its docstring aside."""
    return [
        f"{module.at(node)} {node.name} has {length} lines"
        for node in ast.walk(module.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := _lines(node) - _docstring_lines(node)) > LONGEST_FUNCTION
    ]


def long_file(module: Module) -> list[str]:
    lines = len(module.source.splitlines())
    return [f"{module.path} has {lines} lines"] if lines > LONGEST_FILE else []


def http_in_the_domain(module: Module) -> list[str]:
    """Models, actions and pure modules know nothing of requests and queues."""
    if HTTP.search(module.path) or module.app == "rehab_platform":
        return []
    return [
        f"{module.at(node)} imports {name}"
        for node, name in _imports(module)
        if name.split(".")[0] in HTTP_PACKAGES or name.startswith(HTTP_NAMES)
    ]


def shapeless_name(module: Module) -> list[str]:
    """A module says what it is about."""
    parts = Path(module.path).with_suffix("").parts
    return [f"{module.path} is called {part}" for part in parts if part in SHAPELESS]


def unnamed_migration(module: Module) -> list[str]:
    """A migration's name says what it does; Django's own says which column it touched first."""
    name = Path(module.path).stem
    if "/migrations/" not in module.path or name == "__init__":
        return []
    is_named = MIGRATION.match(name) and not NAMED_BY_DJANGO.search(name)
    return [] if is_named else [f"{module.path} is not named by hand"]


def untranslated(module: Module) -> list[str]:
    """What a person sees is marked for translation: choices, messages of errors, refusals."""
    return [
        *_untranslated_words(module),
        *(
            f"{module.at(node)} says {ast.unparse(node)} untranslated"
            for call in ast.walk(module.tree)
            if isinstance(call, ast.Call)
            for node in _said(call)
            if _is_text(node)
        ),
    ]


def _untranslated_words(module: Module) -> Iterator[str]:
    for place in (each for each in ast.walk(module.tree) if isinstance(each, ast.ClassDef)):
        has_choices = any("Choices" in ast.unparse(base) for base in place.bases)
        for node in (each for each in place.body if isinstance(each, ast.Assign)):
            pair = isinstance(node.value, ast.Tuple) and _is_text(node.value.elts[-1])
            if has_choices and (pair or _is_text(node.value)):
                yield f"{module.at(node)} {place.name} has an untranslated label"
            if ast.unparse(node.targets[0]) == "message" and _is_text(node.value):
                yield f"{module.at(node)} {place.name} has an untranslated message"


def _said(call: ast.Call) -> Iterator[ast.expr]:
    """Return the arguments of a call that a person will read."""
    name = ast.unparse(call.func)
    if name.rsplit(".", 1)[-1] == "at" and len(call.args) == 3:
        yield call.args[2]
    if name in {"NotFound", "Forbidden", "Conflict", "NotSignedIn", "SignInRefused"}:
        yield from call.args[:1]
    if name == "FieldError":
        yield from (word.value for word in call.keywords if word.arg == "detail")


def _is_text(node: ast.expr) -> bool:
    """Words, not mere punctuation between values."""
    if isinstance(node, ast.JoinedStr):
        return any(_is_text(part) for part in node.values)
    return (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and any(letter.isalpha() for letter in node.value)
    )


def _lines(node: ast.stmt | ast.expr) -> int:
    return (node.end_lineno or 0) - node.lineno + 1


def _docstring_lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    first = node.body[0]
    return _lines(first) if ast.get_docstring(node) is not None else 0


def _is_view(place: ast.ClassDef) -> bool:
    return any(ast.unparse(base).endswith("View") for base in place.bases)


def _parts(node: ast.expr) -> list[ast.expr]:
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def _calls(module: Module) -> Iterator[tuple[ast.Call, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def _imports(module: Module) -> Iterator[tuple[ast.stmt, str]]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from ((node, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node, node.module or ""
            yield from ((node, f"{node.module}.{name.name}") for name in node.names)


def _all(guard: Guard, subjects: Iterator[Module]) -> list[str]:
    return list(chain.from_iterable(guard(each) for each in subjects))


@pytest.mark.parametrize(
    "guard",
    [
        hidden_work,
        hidden_behaviour,
        broad_excepts,
        long_functions,
        http_in_the_domain,
        shapeless_name,
    ],
    ids=lambda guard: guard.__name__,
)
def test_the_product_keeps(guard: Guard):
    assert _all(guard, written_by_hand()) == []


@pytest.mark.parametrize(
    "guard", [lasting_contexts, unnamed_migration], ids=lambda guard: guard.__name__
)
def test_the_product_and_its_migrations_keep(guard: Guard):
    assert _all(guard, iter(modules())) == []


def test_only_the_edge_reads_a_clock():
    complained = {fault.split(":")[0] for fault in _all(clock_reads, written_by_hand())}

    assert complained == set(CLOCKS)


def test_files_are_short_but_for_those_with_a_reason():
    complained = {fault.split()[0] for fault in _all(long_file, written_by_hand())}

    assert complained == set(LONG_FILES)


def test_what_people_see_is_translated_but_for_a_reason():
    complained = {fault.split(":")[0] for fault in _all(untranslated, written_by_hand())}

    assert complained == set(UNTRANSLATED)


def test_sql_files_keep_the_context_within_its_transaction():
    files = [*ROOT.glob("*/sql/*.sql"), *ROOT.glob("*/*.sql")]
    found = [Module(str(path.relative_to(ROOT)), path.read_text()) for path in files]

    assert len(found) >= 5
    assert _all(lasting_contexts, iter(found)) == []


def test_tests_have_no_shapeless_modules():
    found = [
        Module(path.relative_to(ROOT).as_posix(), "") for path in (ROOT / "tests").rglob("*.py")
    ]

    assert {fault.split()[0] for fault in _all(shapeless_name, iter(found))} == set(SHAPELESS_TESTS)


def short_id(part: object) -> str:
    """Name a test by what it is about, the same in every process."""
    return getattr(part, "__name__", str(part))[:60]


BAD = [
    (clock_reads, "patients/actions/pauses.py", "today = dt.date.today()"),
    (clock_reads, "sessions/plan.py", "now = timezone.now()"),
    (clock_reads, "core/calendar.py", "now = datetime.datetime.now(UTC)"),
    (hidden_work, "sessions/models.py", "from django.db.models.signals import post_save"),
    (hidden_work, "sessions/models.py", "from django.db.models import signals"),
    (hidden_work, "patients/apps.py", "from django.dispatch import receiver"),
    (hidden_work, "patients/tasks.py", "tidy.delay()"),
    (hidden_work, "patients/tasks.py", "tidy.apply_async(countdown=60)"),
    (hidden_work, "patients/reading.py", "Patient.objects.raw(sql)"),
    (hidden_work, "patients/api/people.py", "from rest_framework.viewsets import ModelViewSet"),
    (hidden_work, "patients/api/people.py", "class People(viewsets.ModelViewSet): ..."),
    (hidden_work, "patients/models.py", "target = fields.GenericForeignKey()"),
    (hidden_behaviour, "patients/models.py", "class P(Model):\n    def save(self): ..."),
    (
        hidden_behaviour,
        "patients/models.py",
        "class P:\n    class Meta:\n        ordering = ['id']",
    ),
    (
        hidden_behaviour,
        "patients/forms.py",
        "class F:\n    class Meta:\n        fields = '__all__'",
    ),
    (broad_excepts, "sessions/plan.py", "try: ...\nexcept Exception: ..."),
    (broad_excepts, "sessions/plan.py", "try: ...\nexcept (ValueError, BaseException): ..."),
    (broad_excepts, "sessions/plan.py", "try: ...\nexcept: ..."),
    (lasting_contexts, "core/x.py", "\"SELECT set_config('app.clinic_id', %s, false)\""),
    (lasting_contexts, "core/x.py", "'SET app.clinic_id = 1'"),
    (lasting_contexts, "core/x.py", "'set session app.clinic_id to 1'"),
    (long_functions, "core/x.py", "def long():\n" + "    word = 1\n" * 40),
    (long_file, "core/x.py", "word = 1\n" * 401),
    (http_in_the_domain, "patients/actions/people.py", "from rest_framework import serializers"),
    (http_in_the_domain, "sessions/feedback.py", "from celery import shared_task"),
    (http_in_the_domain, "clinics/models.py", "from django.http import HttpRequest"),
    (shapeless_name, "patients/utils.py", ""),
    (shapeless_name, "patients/services/people.py", ""),
    (unnamed_migration, "patients/migrations/0002_auto_20261122_1200.py", ""),
    (unnamed_migration, "patients/migrations/0003_pause_note_and_more.py", ""),
    (unnamed_migration, "patients/migrations/0004_alter_pause_note_null.py", ""),
    (untranslated, "core/x.py", "class Side(TextChoices):\n    LEFT = 'left', 'left'"),
    (untranslated, "core/x.py", "class Side(models.TextChoices):\n    LEFT = 'left'"),
    (untranslated, "core/x.py", "class Gone(NotFound):\n    message = 'It is gone.'"),
    (untranslated, "core/x.py", "raise NotFound('It is gone.')"),
    (untranslated, "core/x.py", "raise Invalid.at('name', 'too_long', f'At most {most}.')"),
    (untranslated, "core/x.py", "FieldError(field='a', code='b', detail='Too long.')"),
]


@pytest.mark.parametrize(("guard", "path", "source"), BAD, ids=short_id)
def test_a_guard_complains_about_a_bad_sample(guard: Guard, path: str, source: str):
    assert len(guard(Module(path, source))) >= 1


GOOD = [
    (clock_reads, "patients/tasks.py", "tidy_expired(now=timezone.now())"),
    (clock_reads, "sessions/plan.py", "today = local_date(now, zone)"),
    (hidden_work, "patients/tasks.py", "tidy.delay_on_commit()"),
    (hidden_behaviour, "patients/api/pauses.py", "class P(StaffView):\n    def delete(self): ..."),
    (broad_excepts, "sessions/plan.py", "try: ...\nexcept ValueError: ..."),
    (lasting_contexts, "core/x.py", "\"SELECT set_config('app.clinic_id', %s, true)\""),
    (long_functions, "core/x.py", "def long():\n" + "    word = 1\n" * 39),
    (
        long_functions,
        "core/x.py",
        "def long():\n    '''" + "\n" * 9 + "'''" + "\n    word = 1" * 39,
    ),
    (long_file, "core/x.py", "word = 1\n" * 400),
    (http_in_the_domain, "patients/api/people.py", "from rest_framework.request import Request"),
    (shapeless_name, "patients/wording.py", ""),
    (unnamed_migration, "patients/migrations/0002_pauses_have_notes.py", ""),
    (untranslated, "core/x.py", "class Side(TextChoices):\n    LEFT = 'left', _('left')"),
    (untranslated, "core/x.py", "raise Invalid.at('name', 'too_long', _('Too long.'))"),
    (untranslated, "core/x.py", "FieldError(field='a', code='b', detail=f'{one.name}: {two}')"),
]


@pytest.mark.parametrize(("guard", "path", "source"), GOOD, ids=short_id)
def test_a_guard_lets_a_good_sample_pass(guard: Guard, path: str, source: str):
    assert guard(Module(path, source)) == []
