"""A row's columns in words: names of people, choices, weekdays, and nothing technical."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, Final

from django.contrib import admin
from django.contrib.admin.utils import display_for_field
from django.contrib.postgres.fields import ArrayField
from django.db.models import BinaryField, Field, JSONField, Model
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from clinics.models import Membership, User
from patients.models import Line, Patient, PrescribedExercise
from programs.models import Exercise, ExerciseVersion, OutcomeMeasure, ProgramVersion
from programs.wording import weekdays_in_words
from rehab_platform.operating.site import site
from sessions.alert_wording import rule_name
from sessions.symptoms import BY_ID

NOTHING: Final = "-"
# Of no use to whoever reads, or the database's own.
TECHNICAL: Final = {"id", "clinic", "created_at", "updated_at", "planned_through", "planned_with"}
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
}
WORDS: Final[dict[str, Callable[[Any], str | Promise]]] = {
    "weekdays": weekdays_in_words,
    "rule": rule_name,
    "symptoms": lambda keys: ", ".join(
        str(BY_ID[key].label) if key in BY_ID else key for key in keys
    ),
}

Column = Callable[[Any], str]


def columns_of(model: Any) -> tuple[Column, ...]:
    """Return what shows each column that says something, in the order of the table."""
    told = [one for one in model._meta.concrete_fields if one.name not in TECHNICAL]
    return tuple(_column(one) for one in told if not isinstance(one, BinaryField))


def name_of(row: Model) -> str:
    """Name a row as people do; one without a name by what it is."""
    way = NAMES.get(type(row))
    return str(attrgetter(way)(row) if way else capfirst(row._meta.verbose_name))


def in_words(field: Field[Any, Any], value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if value in (None, "", [], {}):
        return NOTHING
    if isinstance(value, Model):
        return _link(value)
    return _told(field, value)


def _told(field: Field[Any, Any], value: Any) -> str:
    if field.name in WORDS:
        return str(WORDS[field.name](value))
    if isinstance(field, ArrayField):
        return ", ".join(in_words(field.base_field, one) for one in value)
    if isinstance(field, JSONField):
        return json.dumps(value, ensure_ascii=False, indent=2)
    return str(display_for_field(value, field, NOTHING))


def _column(field: Field[Any, Any]) -> Column:
    @admin.display(description=field.verbose_name)
    def shown(row: Any) -> str:
        return in_words(field, getattr(row, field.name))

    shown.__name__ = field.name
    return shown


def _link(row: Model) -> str:
    if not site.is_registered(type(row)):
        return name_of(row)
    page = f"operator:{row._meta.app_label}_{row._meta.model_name}_change"
    return format_html('<a href="{}">{}</a>', reverse(page, args=[row.pk]), name_of(row))


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
