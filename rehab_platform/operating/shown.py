"""A row's columns in words: names of people, choices, weekdays, and nothing technical."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.utils import display_for_field, display_for_value
from django.contrib.postgres.fields import ArrayField
from django.db.models import BinaryField, Field, JSONField, Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from clinics.actors import CARER, OPERATOR, PATIENT, SYSTEM
from clinics.models import Membership, User
from core.countries import country_name
from patients.goal_wording import plain
from patients.models import Line, Patient, PrescribedExercise
from programs.content import exercise_content
from programs.models import Exercise, ExerciseVersion, OutcomeMeasure, ProgramVersion
from programs.reading import safety_question_texts
from programs.wording import weekdays_in_words
from rehab_platform.operating.nested import humane, told, told_answers, told_week
from rehab_platform.operating.reasons import channel_name, why
from rehab_platform.operating.site import site
from sessions.alert_wording import rule_name
from sessions.models import Alert, ExerciseResult, ExerciseSession, FormCheck, SafetyCheck
from sessions.symptoms import BY_ID

NOTHING: Final = "-"
# Of no use to whoever reads, or the database's own.
TECHNICAL: Final = {
    "id", "clinic", "created_at", "updated_at", "planned_through", "planned_with", "change_seq",
    "phone_id", "answer", "cause", "slot", "instead_of", "run_unit", "run_length",
}  # fmt: skip
# What the tables say of a column for whoever writes code.
FOR_CODE: Final = {
    "screening", "weekdays", "side_asked", "checks", "answers", "because", "texts", "numbers",
    "country", "counts", "settings_version", "quiet_from", "paused_until", "instead_of",
}  # fmt: skip
ACTING_AS: Final = {
    "staff": _lazy("staff"),
    "user": _lazy("somebody signed in"),
    PATIENT: _lazy("patient"),
    CARER: _lazy("carer"),
    OPERATOR: _lazy("operator"),
    SYSTEM: _lazy("the platform"),
}
CALLED: Final[dict[str, str | Promise]] = {
    "at": _lazy("when"),
    "is lead": _lazy("leads the care team"),
    "counts": _lazy("counts towards the plan"),
    "repetitions max": _lazy("repetitions at most"),
    "in force until": _lazy("in force before"),
    "quiet from": _lazy("quiet from (local time)"),
    "quiet until": _lazy("quiet until (local time)"),
    "summary hour": _lazy("weekly mails from (local time)"),
    "summary weekday": _lazy("weekly mails"),
    "holds after fall": _lazy("a fall pauses the patient"),
    "request id": _lazy("request, as the log names it"),
    "slug": _lazy("measure"),
    "because": _lazy("it rests on"),
}
UNITS: Final = {" seconds": _lazy("seconds"), " m": _lazy("metres"), " kg": "kg", " percent": "%"}
NAMES: Final[dict[type[Model], str]] = {
    User: "name",
    Patient: "name",
    Membership: "user.name",
    Exercise: "current.name",
    ExerciseVersion: "name",
    ProgramVersion: "name",
    OutcomeMeasure: "name",
    Line: "exercise.current.name",
    PrescribedExercise: "exercise_version.name",
    Alert: "rule",
    ExerciseSession: "performed_on",
    SafetyCheck: "checked_on",
}


def language_name(code: str) -> str:
    return str(dict(settings.LANGUAGES).get(code, code))


def target_name(label: str) -> str:
    """Name the table of which an event's row is."""
    try:
        return str(apps.get_model(label)._meta.verbose_name)
    except (LookupError, ValueError):
        return label


def _each_humane(keys: Sequence[str]) -> str:
    return ", ".join(humane(key) for key in keys)


WORDS: Final[dict[str, Callable[[Any], str | Promise]]] = {
    "weekdays": weekdays_in_words,
    "rule": rule_name,
    "reminders.Delivery.reason": why,
    "country": country_name,
    "language": language_name,
    "summary_weekday": lambda day: weekdays_in_words(1 << (day - 1)),
    "summary_hour": lambda hour: f"{hour:02}:00",
    "core.AuditEvent.acting_as": lambda key: ACTING_AS.get(key, key),
    "core.AuditEvent.action": humane,
    "core.AuditEvent.target": target_name,
    "slug": humane,
    "variant": humane,
    "aid": humane,
    "side_asked": humane,
    "contents": told_week,
    "communication_needs": _each_humane,
    "assistive_devices": _each_humane,
    "channels": lambda keys: ", ".join(channel_name(key) for key in keys),
    "loosened": _each_humane,
    "symptoms": lambda keys: ", ".join(
        str(BY_ID[key].label) if key in BY_ID else key for key in keys
    ),
}

Column = Callable[[Any], str]


def columns_of(model: Any) -> tuple[Column, ...]:
    """Return what shows each column that says something, in the order of the table."""
    columns = model._meta.concrete_fields
    left_out = TECHNICAL | ({"slug"} if any(one.name == "measure" for one in columns) else set())
    told = [one for one in columns if one.name not in left_out]
    return tuple(_column(one) for one in told if not isinstance(one, BinaryField))


def column_of(model: Any, name: str) -> Column:
    """Return what shows one column, for a list that would show it as it is stored."""
    return _column(model._meta.get_field(name))


def name_of(row: Model) -> str:
    """Name a row as people do; one without a name by what it is."""
    way = NAMES.get(type(row))
    if way is None:
        return str(capfirst(row._meta.verbose_name))
    value = attrgetter(way)(row)
    return rule_name(value) if isinstance(row, Alert) else str(display_for_value(value, NOTHING))


def in_words(field: Field[Any, Any], value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, Model):
        return _link(value)
    return _told(field, value)


def _told(field: Field[Any, Any], value: Any) -> str:
    way = WORDS.get(f"{field.model._meta.label}.{field.name}") or WORDS.get(field.name)
    if way:
        said = way(value)
        return said if isinstance(said, str) else str(said)  # what is markup stays so
    if isinstance(field, ArrayField):
        return ", ".join(in_words(field.base_field, one) for one in value)
    if isinstance(field, JSONField):
        return told(value) or NOTHING
    if isinstance(value, Decimal):
        return plain(value)
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return str(display_for_field(value, field, NOTHING))


def _asked(row: Any) -> Mapping[str, str]:
    """Return what the answers of a row are to, by the questions' ids."""
    if isinstance(row, SafetyCheck):
        return safety_question_texts()
    of = row if isinstance(row, FormCheck) else row.prescribed_exercise
    content = exercise_content(of.exercise_version.content) if of else None
    return {one.id: one.ask for one in content.checks} if content else {}


ANSWERS: Final = {(SafetyCheck, "answers"), (FormCheck, "answers"), (ExerciseResult, "checks")}


def _column(field: Field[Any, Any]) -> Column:
    @admin.display(description=plainly(field.verbose_name))
    def shown(row: Any) -> str:
        value = getattr(row, field.name)
        if (field.model, field.name) in ANSWERS:
            return told_answers(value, _asked(row)) or NOTHING
        return in_words(field, value)

    shown.__name__ = field.name
    return shown


def plainly(label: str | Promise) -> str:
    """Call a column as people do: not `is active`, `load kg` or `at`."""
    said = str(label)
    if said in CALLED:
        return str(CALLED[said])
    for unit, words in UNITS.items():
        if said.endswith(unit):
            said = f"{said.removesuffix(unit)} ({words})"
    return re.sub(r"^(is|has) ", "", said)


def _link(row: Model) -> str:
    if not site.is_registered(type(row)):
        return name_of(row)
    return format_html('<a href="{}">{}</a>', page_of(type(row), row.pk), name_of(row))


def page_of(model: type[Model], key: Any) -> str:
    """Return the address of a row's own page."""
    page = f"operator:{model._meta.app_label}_{model._meta.model_name}_change"
    return reverse(page, args=[key])


def by_words(words: Mapping[str, str | Promise]) -> type[admin.ChoicesFieldListFilter]:
    """Make a filter over the words of a column that is stored as keys and has no choices."""

    class ByWords(admin.ChoicesFieldListFilter):
        def choices(self, changelist: Any) -> Iterator[Any]:
            chosen = self.lookup_val or ()
            taken = [self.lookup_kwarg, self.lookup_kwarg_isnull]
            yield {
                "selected": not chosen,
                "query_string": changelist.get_query_string(remove=taken),
                "display": _("All"),
            }
            for key, said in words.items():
                yield {
                    "selected": key in chosen,
                    "query_string": changelist.get_query_string({self.lookup_kwarg: key}),
                    "display": said,
                }

    return ByWords
