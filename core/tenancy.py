"""
The database wall between clinics.

Every tenant table has forced row-level security on the setting `app.clinic_id`, which lives only
inside a transaction, and composite foreign keys, since a plain one ignores row-level security.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection, models, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

# All of it in a SELECT of its own: PostgreSQL then works it out once for a statement. What stood outside
# of one would be worked out anew for each row that a policy looks at.
CONTEXT = "(SELECT NULLIF(current_setting('app.clinic_id', true), '')::uuid)"


def set_clinic(clinic_id: UUID | None) -> None:
    """Choose the clinic whose rows this transaction sees; None sees none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('app.clinic_id', %s, true)", [str(clinic_id or "")])


def current_clinic() -> UUID | None:
    """Return the clinic whose rows this transaction sees."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CONTEXT}")
        row = cursor.fetchone()
    return row[0] if row else None


@contextmanager
def clinic_context(clinic_id: UUID | None) -> Iterator[None]:
    """
    See one clinic's rows for the length of a block, in a transaction of its own if there is none.

    After an error the transaction is rolled back, and the context with it.
    """
    if not connection.in_atomic_block:
        # There was no context before, and this one ends with the transaction.
        with transaction.atomic():
            set_clinic(clinic_id)
            yield
        return
    with transaction.atomic(savepoint=False):
        before = _change_clinic(clinic_id)
        yield
        set_clinic(before)


def _change_clinic(clinic_id: UUID | None) -> UUID | None:
    """Choose a clinic, and return the one that was chosen before."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH before AS MATERIALIZED (SELECT {CONTEXT} AS clinic_id) "  # noqa: S608 (no value)
            "SELECT clinic_id, set_config('app.clinic_id', %s, true) FROM before",
            [str(clinic_id or "")],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _is_tenant(model: type[models.Model]) -> bool:
    return any(field.name == "clinic" for field in model._meta.local_fields)


def _clinic_is_optional(model: type[models.Model]) -> bool:
    return bool(model._meta.get_field("clinic").null)


class EnableTenancy(Operation):
    """
    Give one model's table its walls; state-neutral, so `makemigrations --check` stays clean.

    A table that no other refers to needs no key (clinic, id) for them. Where a table is read by
    patient alone, that key would only lead the planner to read a clinic's whole index.
    A table whose clinic is required holds one clinic's rows each. A table whose clinic may be
    null ("shared or own") shows the shared rows to all, which only the owner role may write.
    """

    reversible = False
    reduces_to_sql = True

    def __init__(self, model: str, *, is_referred_to: bool = True) -> None:
        self.model = model
        self.is_referred_to = is_referred_to

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        options = {} if self.is_referred_to else {"is_referred_to": False}
        return (self.__class__.__name__, [self.model], options)

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change nothing: the walls are the database's own."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        keys = _keys(model) if self.is_referred_to else ()
        for statement in [*_policies(model), *keys, *_twins(model)]:
            schema_editor.execute(statement)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        raise NotImplementedError("the walls between clinics are not taken down")

    def describe(self) -> str:
        return f"Row-level security and composite keys for {self.model}"


class EnableTenancyOf(EnableTenancy):
    """Bind one reference that a table behind its walls got later."""

    def __init__(self, model: str, field: str) -> None:
        super().__init__(model)
        self.field = field

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return (self.__class__.__name__, [self.model, self.field], {})

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        for statement in _twin(model, model._meta.get_field(self.field)):
            schema_editor.execute(statement)

    def describe(self) -> str:
        return f"Composite key for {self.model}.{self.field}"


def _policies(model: type[models.Model]) -> Iterator[str]:
    table = model._meta.db_table
    own = f"clinic_id = {CONTEXT}"
    yield f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY'
    yield f'ALTER TABLE "{table}" FORCE ROW LEVEL SECURITY'
    yield f'CREATE POLICY tenant ON "{table}" USING ({own}) WITH CHECK ({own})'
    if _clinic_is_optional(model):
        # For SELECT alone: a row that USING shows to an UPDATE could be made one's own.
        yield f'CREATE POLICY shared_is_read ON "{table}" FOR SELECT USING (clinic_id IS NULL)'
        yield (
            f'CREATE POLICY shared ON "{table}" TO rehab_owner '
            "USING (clinic_id IS NULL) WITH CHECK (clinic_id IS NULL)"
        )


def _keys(model: type[models.Model]) -> Iterator[str]:
    table = model._meta.db_table
    yield f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_tenant_uq" UNIQUE (clinic_id, id)'


def _twins(model: type[models.Model]) -> Iterator[str]:
    for field in model._meta.local_fields:
        yield from _twin(model, field)


def _twin(model: type[models.Model], field: models.Field[Any, Any]) -> Iterator[str]:
    """Bind a reference to the rows of the clinic, or to those and the shared ones."""
    table, target = model._meta.db_table, field.related_model
    if field.name == "clinic" or not isinstance(target, type) or not _is_tenant(target):
        return
    other = target._meta.db_table
    if _clinic_is_optional(target):
        yield (
            f'CREATE CONSTRAINT TRIGGER "{table}_{field.column}_shared_or_own" '
            f'AFTER INSERT OR UPDATE OF "{field.column}" ON "{table}" '
            "DEFERRABLE INITIALLY IMMEDIATE FOR EACH ROW "
            f"EXECUTE FUNCTION must_be_shared_or_own('{field.column}', '{other}')"
        )
    else:
        yield (
            f'ALTER TABLE "{table}" ADD CONSTRAINT "{table}_{field.column}_tenant_fk" '
            f'FOREIGN KEY (clinic_id, "{field.column}") '
            f'REFERENCES "{other}" (clinic_id, id) DEFERRABLE INITIALLY DEFERRED'
        )
