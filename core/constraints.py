"""Constraints that many tables share. PostgreSQL holds an invariant first; forms say it second."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


def one_of(field: str, values: str, *, name: str) -> models.CheckConstraint:
    """
    Refuse a value that is none of the words in `values`; a leading comma allows the empty string.

    The words repeat the field's choices, since a model's Meta cannot see its nested classes; a
    guard test compares the two.
    """
    allowed = [word.strip() for word in values.split(",")]
    return models.CheckConstraint(condition=Q(**{f"{field}__in": allowed}), name=name)
