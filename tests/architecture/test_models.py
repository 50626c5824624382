"""Rules that every table keeps, read from the models."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest
from django.apps import apps
from django.db import models
from django.db.models import Q

import sessions
from core.constraints import one_of
from tests.architecture.project import APPS, ROOT

LABELS = {"sessions": "rehab_sessions"}

# Tables without `visible_to`, and why nobody needs one.
NOT_SHOWN = {
    "clinics.Attempts": "counts under a keyed hash; no answer ever holds a row",
    "clinics.PasswordReset": "found by its code's hash alone; no answer ever holds a row",
    "clinics.User": "a login is shown through its membership, record or consent",
    "core.AuditEvent": "written by every action, read by operators behind the glass; its policies bind to the clinic",
    "core.Message": "the delivery reads it, one claimed row at a time; no answer ever holds one",
    "core.Epoch": "one value for the whole database, without a person in it; cursors carry it signed",
    "core.JobRun": "the platform's own clock, without a person in it; readiness shows it",
    "reminders.Receipt": "a key and a time, between a send and its chunk's end; no answer ever holds one",
    "programs.OutcomeMeasure": "ships with the platform: the same for everyone who signs in",
    "programs.SafetyBlock": "ships with the platform: the same for everyone who signs in",
}

# Columns that are unique by themselves, and why their constraint needs no name of its own.
UNIQUE = {
    "clinics.Device.token_hash": "a token is random: nobody ever meets this refusal",
}

# Choices that the database does not hold, and who does.
UNHELD = {
    "core.JobRun.last_outcome": "written by one function, from its own three words",
    "programs.ExerciseVersion.category": "published from a struct that allows these words alone",
    "programs.ExerciseVersion.helper": "published from a struct that allows these words alone",
    "programs.ExerciseVersion.laterality": "published from a struct that allows these words alone",
    "programs.ExerciseVersion.review_status": "published from a struct that allows these words",
    "programs.OutcomeMeasure.review_status": "published from a struct that allows these words",
    "programs.ProgramItem.side": "published from a struct that allows these words alone",
    "programs.ProgramVersion.review_status": "published from a struct that allows these words",
    "programs.SafetyBlock.review_status": "published from a struct that allows these words",
}

Model = type[models.Model]


def tables() -> list[Model]:
    """Return the product's own concrete models."""
    labels = [LABELS.get(app, app) for app in APPS]
    found = [each for each in apps.get_models() if each._meta.app_label in labels]
    return sorted(found, key=lambda model: model._meta.label)


def without_visible_to(subjects: Iterable[Model]) -> list[str]:
    """A model is read through `visible_to`, and nothing else decides who sees a row."""
    return [
        model._meta.label for model in subjects if not hasattr(model._default_manager, "visible_to")
    ]


def wrong_words(model: Model) -> list[str]:
    """The words that a check constraint allows are the field's choices, no more and no fewer."""
    faults = []
    for constraint, field_name, words in _word_lists(model):
        field = model._meta.get_field(field_name)
        if not field.choices:
            continue
        known = {value for value, _label in field.choices} | ({""} if field.blank else set())
        if words != known:
            faults.append(f"{constraint}: {sorted(words ^ known)}")
    return faults


def unheld_choices(model: Model) -> list[str]:
    """A field with choices has a constraint that names it, and so refuses every other word."""
    held = {
        path.removesuffix("__in")
        for constraint in model._meta.constraints
        if isinstance(constraint, models.CheckConstraint)
        for path in _paths(constraint.condition)
    }
    return [
        f"{model._meta.label}.{field.name}"
        for field in model._meta.local_fields
        if field.choices and field.name not in held
    ]


def unnamed_uniqueness(model: Model) -> list[str]:
    """What is unique is a constraint with a name that says so, not a flag on a column."""
    flagged = [
        f"{model._meta.label}.{field.name}"
        for field in model._meta.local_fields
        if field.unique and not field.primary_key
    ]
    return flagged + [f"{model._meta.label}: unique_together" for _ in model._meta.unique_together]


def unnamed_constraints(model: Model) -> list[str]:
    """A constraint's name is words that say what is forbidden, not Django's template."""
    named = [*model._meta.constraints, *model._meta.indexes]
    return [
        f"{model._meta.label}: {each.name}"
        for each in named
        if not each.name or each.name.count("_") < 2
    ]


def cascades(model: Model) -> list[str]:
    """Deleting a row takes nothing along that somebody logged or prescribed."""
    return [
        f"{model._meta.label}.{field.name}"
        for field in model._meta.local_fields
        if field.remote_field and field.remote_field.on_delete is models.CASCADE
    ]


def default_orders(model: Model) -> list[str]:
    """A query says its order itself."""
    return [model._meta.label] if model._meta.ordering else []


def _paths(condition: Q) -> Iterator[str]:
    for part in condition.children:
        if isinstance(part, Q):
            yield from _paths(part)
        elif isinstance(part, tuple):
            yield part[0]


def _word_lists(model: Model) -> Iterator[tuple[str, str, set[str]]]:
    """Return name, field and words of each constraint that is a list of words."""
    for constraint in model._meta.constraints:
        if not isinstance(constraint, models.CheckConstraint):
            continue
        parts = constraint.condition.children
        if len(parts) == 1 and isinstance(parts[0], tuple) and parts[0][0].endswith("__in"):
            path, words = parts[0]
            yield constraint.name, path.removesuffix("__in"), set(words)


def test_every_table_is_read_through_visible_to_or_has_a_reason():
    assert without_visible_to(tables()) == sorted(NOT_SHOWN)


def test_no_table_is_missed():
    assert len(tables()) >= 25
    assert {model._meta.app_label for model in tables()} == {
        "core", "clinics", "programs", "patients", "rehab_sessions", "reminders",
    }  # fmt: skip


@pytest.mark.parametrize("model", tables(), ids=lambda model: model._meta.label)
def test_a_table_keeps(model: Model):
    assert wrong_words(model) == []
    assert unnamed_constraints(model) == []
    assert default_orders(model) == []


def test_what_is_unique_has_a_name_or_a_reason():
    assert [fault for model in tables() for fault in unnamed_uniqueness(model)] == sorted(UNIQUE)


def test_choices_are_held_by_the_database_or_have_a_reason():
    assert sorted(fault for model in tables() for fault in unheld_choices(model)) == sorted(UNHELD)


def test_nothing_is_deleted_along_but_a_login_s_devices():
    assert [fault for model in tables() for fault in cascades(model)] == ["clinics.Device.user"]


def test_the_app_called_sessions_is_ours():
    assert sessions.__file__ == str(ROOT / "sessions" / "__init__.py")
    assert apps.get_app_config("rehab_sessions").name == "sessions"
    assert not apps.is_installed("django.contrib.sessions")


class _Side(models.TextChoices):
    LEFT = "left"
    RIGHT = "right"


def _sample(*constraints: models.BaseConstraint, blank: bool = False, **meta: object) -> Model:
    """Make a model that never meets a database, whose one field has two choices."""
    options = {"app_label": "samples", "apps": _Registry(), "constraints": constraints} | meta
    return type(
        "Sample",
        (models.Model,),
        {
            "__module__": __name__,
            "side": models.CharField(max_length=8, choices=_Side.choices, blank=blank),
            "code": models.CharField(max_length=8, unique=True),
            "Meta": type("Meta", (), options),
        },
    )


class _Registry(type(apps)):
    """A registry of its own, so that a sample is never taken for a table."""

    def __init__(self) -> None:
        super().__init__(installed_apps=())


@pytest.mark.parametrize(
    ("words", "blank", "difference"),
    [
        ("left, right", False, []),
        ("left, right, both", False, ["side_is_known: ['both']"]),
        ("left", False, ["side_is_known: ['right']"]),
        ("left, right", True, ["side_is_known: ['']"]),
        (", left, right", True, []),
    ],
)
def test_words_that_differ_from_the_choices_are_found(words, blank, difference):
    sample = _sample(one_of("side", words, name="side_is_known"), blank=blank)

    assert wrong_words(sample) == difference
    assert unheld_choices(sample) == []


def test_bad_samples_are_found():
    nameless = models.CheckConstraint(condition=Q(code="a"), name="%(class)s_check")
    sample = _sample(nameless, ordering=["side"])

    assert without_visible_to([sample]) == ["samples.Sample"]
    assert unheld_choices(sample) == ["samples.Sample.side"]
    assert unnamed_uniqueness(sample) == ["samples.Sample.code"]
    assert unnamed_constraints(sample) == ["samples.Sample: sample_check"]
    assert default_orders(sample) == ["samples.Sample"]


def test_a_cascade_is_found():
    registry = _Registry()
    meta = type("Meta", (), {"app_label": "samples", "apps": registry})
    above = type("Above", (models.Model,), {"__module__": __name__, "Meta": meta})
    below = type(
        "Below",
        (models.Model,),
        {
            "__module__": __name__,
            "above": models.ForeignKey(above, on_delete=models.CASCADE),
            "Meta": type("Meta", (), {"app_label": "samples", "apps": registry}),
        },
    )

    assert cascades(below) == ["samples.Below.above"]
