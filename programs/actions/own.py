"""
Making, publishing, copying and retiring an entry of a clinic's own, be it exercise or program.

The entry's row is the lock: whoever publishes, retires or reviews holds it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from clinics.actors import Actor
from core import audit, bodies
from core.errors import Conflict, Forbidden, NotFound
from programs.confirmations import Concern, ask
from programs.models import Exercise, ExerciseVersion, Program, ProgramVersion
from programs.policies import may_author_own

Entry = TypeVar("Entry", Exercise, Program)


class SharedEntry(Forbidden):
    code = "shared_entry"
    message = _("This ships with the platform for all clinics. Copy it, and change the copy.")


class StaleVersion(Conflict):
    """Somebody published meanwhile; `version` in the problem body is the current one."""

    code = "stale"
    message = _("There is a newer version. Read it, and send your change again.")


class KeyReused(Conflict):
    code = "key_reused"
    message = _("Something else was made with this key.")


class EntryRetired(Conflict):
    code = "retired"
    message = _("This is retired. Take it back into use first.")


def authors_clinic(by: Actor) -> UUID:
    """
    Return the clinic whose own entries the actor may write.

    :raises Forbidden: they are no therapist of one
    """
    if by.clinic_id is None or not may_author_own(by):
        raise Forbidden
    return by.clinic_id


def lock_own(model: type[Entry], entry_id: UUID, by: Actor) -> Entry:
    """
    Lock an entry of the clinic's own. Its current version is read after the lock is held, in a
    statement of its own: a join would still look where it was before somebody else published.

    :raises NotFound: unknown, or of another clinic
    :raises SharedEntry: it is nobody's to change
    """
    clinic_id = authors_clinic(by)
    found: Entry | None = (
        model.objects.select_for_update().filter(pk=entry_id, clinic_id=clinic_id).first()
    )
    if found is not None:
        return found
    if model.objects.visible_to(by).filter(pk=entry_id).exists():
        raise SharedEntry
    raise NotFound


def made_before(model: type[Entry], key: UUID, digest: bytes, by: Actor) -> Entry | None:
    """
    Return what the clinic made of the same content with this key; None where the key is new.

    :raises KeyReused: something else was made with it
    """
    found: Entry | None = model.objects.filter(clinic_id=authors_clinic(by), key=key).first()
    if found is not None and bytes(found.key_hash or b"") != digest:
        raise KeyReused
    return found


def insert_own(
    model: type[Entry],
    key: UUID,
    digest: bytes,
    *,
    by: Actor,
    copied_from: UUID | None = None,
) -> tuple[Entry, bool]:
    """
    Insert an entry or, where another request was quicker, return what that one made.

    :raises KeyReused: it made something else
    """
    entry = model(
        clinic_id=by.clinic_id, key=key, key_hash=digest, copied_from_id=copied_from
    )  # a slug names what ships; an own entry only needs one that nobody else has
    entry.slug = f"own_{entry.pk.hex}"
    model.objects.bulk_create([entry], ignore_conflicts=True)
    stored = made_before(model, key, digest, by)
    assert stored is not None, "it was inserted just now, or was there before"
    return stored, stored.pk == entry.pk


def refuse_stale(
    current: ExerciseVersion | ProgramVersion, named: int, *, field: str = "replaces"
) -> None:
    """:raises StaleVersion: it is not the current version that the request names"""
    if current.number != named:
        raise StaleVersion(field=field, extra={"version": current.number})


def is_repeated(current: ExerciseVersion | ProgramVersion, replaces: int, digest: bytes) -> bool:
    """Tell whether this very change was made already, or would change nothing."""
    return current.number in (replaces, replaces + 1) and bytes(current.content_hash) == digest


def create_own(
    model: type[Entry],
    key: UUID,
    digest: bytes,
    *,
    look: Callable[[], Iterable[Concern]],
    publish: Callable[[Entry], None],
    confirm: Collection[str],
    by: Actor,
    now: dt.datetime,
) -> tuple[Entry, bool]:
    """
    Make an entry with its first version, or return what was made with this key before.

    `look` refuses what cannot be and returns what is asked about; `publish` writes the version.

    :raises KeyReused: the key was used for something else
    """
    with transaction.atomic(savepoint=False):
        authors_clinic(by)
        if (known := made_before(model, key, digest, by)) is not None:
            return known, False
        ask(look(), confirmed=confirm)
        made, is_new = insert_own(model, key, digest, by=by)
        if is_new:
            publish(made)
            kept(made, "created", by=by, now=now, version=1, confirmed=list(confirm))
    return made, is_new


def publish_own(
    model: type[Entry],
    entry_id: UUID,
    replaces: int,
    digest: bytes,
    *,
    look: Callable[[Entry], Iterable[Concern]],
    publish: Callable[[Entry], None],
    confirm: Collection[str],
    by: Actor,
    now: dt.datetime,
) -> Entry:
    """
    Publish the next version of an own entry; the same content again changes nothing.

    :raises StaleVersion: `replaces` is not the current version
    :raises EntryRetired:
    """
    with transaction.atomic(savepoint=False):
        entry = lock_own(model, entry_id, by)
        assert entry.current is not None, "an entry is made with its first version"
        if is_repeated(entry.current, replaces, digest):
            return entry
        refuse_stale(entry.current, replaces)
        if entry.retired_at is not None:
            raise EntryRetired
        ask(look(entry), confirmed=confirm)
        publish(entry)
        kept(
            entry, "version_published", by=by, now=now,
            version=replaces + 1, confirmed=list(confirm),
        )  # fmt: skip
    return entry


def copy_own(
    model: type[Entry],
    entry_id: UUID,
    key: UUID,
    *,
    name: str,
    publish: Callable[[Entry, Entry], None],
    by: Actor,
    now: dt.datetime,
) -> tuple[Entry, bool]:
    """
    Copy the current version of an entry that the clinic sees, retired or not, into an own one.

    `publish` writes the first version of the copy from its source.

    :raises NotFound: there is none to see
    :raises KeyReused: the key was used for something else
    """
    with transaction.atomic(savepoint=False):
        authors_clinic(by)
        digest = bodies.content_hash({"copy": str(entry_id), "name": name})
        if (known := made_before(model, key, digest, by)) is not None:
            return known, False
        source: Entry | None = (
            model.objects.visible_to(by).select_related("current").filter(pk=entry_id).first()
        )
        if source is None or source.current is None:
            raise NotFound
        made, is_new = insert_own(model, key, digest, by=by, copied_from=source.current.pk)
        if is_new:
            publish(source, made)
            kept(made, "copied", by=by, now=now, version=1)
    return made, is_new


def set_retired(
    model: type[Entry], entry_id: UUID, *, retired: bool, by: Actor, now: dt.datetime
) -> Entry:
    """Retire an entry or take it back; said twice, nothing changes."""
    with transaction.atomic(savepoint=False):
        entry = lock_own(model, entry_id, by)
        if (entry.retired_at is not None) != retired:
            entry.retired_at = now if retired else None
            entry.save(update_fields=["retired_at", "updated_at"])
            kept(entry, "retired" if retired else "restored", by=by, now=now)
    return entry


def kept(
    entry: Exercise | Program, done: str, *, by: Actor, now: dt.datetime, **details: Any
) -> None:
    """Leave the audit event of a write: `exercise_created`, `program_retired` and so on."""
    audit.record(
        action=f"{type(entry).__name__.lower()}_{done}",
        by=by,
        now=now,
        target=entry._meta.label,
        target_id=entry.pk,
        details=details,
    )
