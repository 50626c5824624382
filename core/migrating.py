"""
Migrations that cost what they change.

Django renders a model, and all that refer to it, anew after each operation. Of a tightly knit schema
that is nearly all of the time that `migrate` takes.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations import (
    AddConstraint,
    AddField,
    AddIndex,
    AlterField,
    RemoveConstraint,
    RemoveIndex,
)
from django.db.migrations.operations.base import Operation
from django.db.migrations.operations.fields import FieldOperation
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger

ModelOperation = (
    AddField | AlterField | AddConstraint | RemoveConstraint | AddIndex | RemoveIndex | AddTrigger
)


class AllAtOnce(Operation):
    """
    Run operations on models one after the other, and render those models once.

    Each sees the models as they are before the first, and as they are after the last. So two that
    are about one field, constraint, index or trigger are refused by a ValueError.
    """

    def __init__(self, *operations: ModelOperation) -> None:
        subjects = [_subject(operation) for operation in operations]
        if twice := {str(one) for one in subjects if subjects.count(one) > 1}:
            raise ValueError(f"not at once: {', '.join(sorted(twice))}")
        self.operations = operations

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, list(self.operations), {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change the state as the operations do, with one rendering if it is rendered."""
        rendered = state.__dict__.pop("apps", None)
        for operation in self.operations:
            operation.state_forwards(app_label, state)
        if rendered is not None:
            state.apps = rendered
            touched = {(app_label, one.model_name.lower()) for one in self.operations}
            state.reload_models([*touched], delay=not any(map(_relates, self.operations)))

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in self.operations:
            operation.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        for operation in reversed(self.operations):
            operation.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        return "; ".join(operation.describe() for operation in self.operations)


def _subject(operation: ModelOperation) -> tuple[str, str]:
    """Return the model and the name of what the operation adds, alters or takes away."""
    named: Any = operation
    match operation:
        case AddConstraint():
            named = operation.constraint
        case AddIndex():
            named = operation.index
        case AddTrigger():
            named = operation.trigger
    return operation.model_name.lower(), named.name


def _relates(operation: ModelOperation) -> bool:
    return isinstance(operation, FieldOperation) and operation.field.is_relation
