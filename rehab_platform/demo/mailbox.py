"""The demo's mails, as Django's file backend leaves them: each file holds what one delivery sent."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Final

MOST: Final = 100
_BETWEEN: Final = b"\n" + b"-" * 79 + b"\n"
_FILE: Final = re.compile(r"\d{8}-\d{6}-\d{1,20}\.log")
_NAME: Final = re.compile(r"(?P<file>\d{8}-\d{6}-\d{1,20})-(?P<place>\d{1,4})")


@dataclass(frozen=True)
class Letter:
    """One mail. `name` is its file's, without the ending, and its place in it, counted from 0."""

    name: str
    mail: EmailMessage

    @property
    def to(self) -> str:
        return str(self.mail["To"] or "")

    @property
    def subject(self) -> str:
        return str(self.mail["Subject"] or "")

    @property
    def sent_at(self) -> dt.datetime | None:
        """Return when, in UTC: Django writes no other zone."""
        said = self.mail["Date"]
        return parsedate_to_datetime(str(said)).replace(tzinfo=dt.UTC) if said else None

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    def _part(self, kind: str) -> str:
        found = self.mail.get_body((kind,))
        return str(found.get_content()) if isinstance(found, EmailMessage) else ""


def newest(folder: Path) -> list[Letter]:
    """Return at most a hundred mails, the newest first; of a folder that is not there, none."""
    found: list[Letter] = []
    for path in sorted(_files(folder), reverse=True):
        found += reversed(list(_letters(path)))
        if len(found) >= MOST:
            break
    return found[:MOST]


def letter(folder: Path, name: str) -> Letter | None:
    """Return the mail of that name. Only what the folder lists is ever opened."""
    asked = _NAME.fullmatch(name)
    if asked is None:
        return None
    for path in _files(folder):
        if path.stem == asked["file"]:
            return next((one for one in _letters(path) if one.name == name), None)
    return None


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (each for each in folder.iterdir() if _FILE.fullmatch(each.name))


def _letters(path: Path) -> Iterator[Letter]:
    parser = BytesParser(policy=policy.default)
    for place, raw in enumerate(path.read_bytes().split(_BETWEEN)[:-1]):
        yield Letter(f"{path.stem}-{place}", parser.parsebytes(raw))
