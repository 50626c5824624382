"""Constraints that many tables share. PostgreSQL holds an invariant first; forms say it second."""

from __future__ import annotations

from django.db import models
from django.db.models import Func, Q


def one_of(field: str, values: str, *, name: str) -> models.CheckConstraint:
    """
    Refuse a value that is none of the words in `values`; a leading comma allows the empty string.

    The words repeat the field's choices, since a model's Meta cannot see its nested classes; a
    guard test compares the two.
    """
    allowed = [word.strip() for word in values.split(",")]
    return models.CheckConstraint(condition=Q(**{f"{field}__in": allowed}), name=name)


class YesAndNoAlone(Func):
    """True for a JSON object of at least one value, each of them yes or no."""

    template = (
        "(jsonb_typeof(%(expressions)s) = 'object' AND %(expressions)s <> '{}'::jsonb AND "
        "jsonb_path_query_array(%(expressions)s, '$.*') <@ '[\"yes\", \"no\"]'::jsonb)"
    )
    output_field = models.BooleanField()
