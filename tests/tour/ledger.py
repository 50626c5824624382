"""Tells the story as it goes, and keeps count of the figures that were checked."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

Say = Callable[[str], None]


class Ledger:
    """Prints through `say`. With `quiet`, only what is wrong and the last line."""

    def __init__(self, say: Say, *, quiet: bool = False) -> None:
        self.say = say
        self.quiet = quiet
        self.checked = 0
        self.wrong = 0
        self.chapters = 0

    def chapter(self, title: str) -> None:
        """Begin a numbered chapter."""
        self.chapters += 1
        self._tell(f"\n{self.chapters}. {title}\n")

    def tell(self, line: str) -> None:
        """Say who does what."""
        self._tell(f"   {line}")

    def came_back(self, line: str) -> None:
        """Say what the platform answered."""
        self._tell(f"     → {line}")

    def check(self, what: str, expected: object, got: object) -> None:
        """Count a figure: expected from the story, got from the platform. A wrong one stops nothing."""
        self.check_all(what, {"": (expected, got)})

    def check_all(self, what: str, figures: Mapping[str, tuple[object, object]]) -> None:
        """Count figures, each an (expected, got) by its name, and tell those that are right in a line."""
        self.checked += len(figures)
        right = []
        for name, (expected, got) in figures.items():
            if _plain(expected) == _plain(got):
                right.append(f"{name} {_words(expected)}".strip())
            else:
                self._tell_wrong(f"{what}, {name}" if name else what, expected, got)
        if right:
            self._tell(f"     ✓ {what}: {', '.join(right)}")

    def could_not_go_on(self, error: Exception) -> None:
        """Count what broke a chapter off: an answer of a shape that the story does not know."""
        self.checked += 1
        self._tell_wrong("the story goes on", "an answer it understands", repr(error))

    def _tell_wrong(self, what: str, expected: object, got: object) -> None:
        self.wrong += 1
        self.say(f"     ✗ {what}")
        self.say(f"         expected {_words(expected)}")
        self.say(f"         got      {_words(got)}")

    def last_line(self, seconds: float) -> str:
        """Say how it went as a whole."""
        if self.wrong:
            return f"{self.wrong} of {self.checked} figures are wrong."
        return (
            f"All {self.checked} figures are right, in {self.chapters} chapters ({seconds:.1f} s)."
        )

    def _tell(self, line: str) -> None:
        if not self.quiet:
            self.say(line)


def _plain(value: object) -> str:
    """Write a figure as JSON carries it: 1 is 1.0, but neither yes nor “1”."""
    return json.dumps(_jsonable(value), sort_keys=True)


def _jsonable(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return [_jsonable(one) for one in value]
    if isinstance(value, dict):
        return {name: _jsonable(one) for name, one in value.items()}
    if value is None or isinstance(value, bool):
        return value
    return float(value) if isinstance(value, (int, float, Fraction)) else str(value)


def _words(value: object) -> str:
    if isinstance(value, Fraction):
        return str(value)
    if isinstance(value, (list, tuple)):
        return ", ".join(_words(one) for one in value) or "none"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(one)}" for name, one in value.items()) or "none"
    words: dict[Any, str] = {None: "nothing", True: "yes", False: "no"}
    is_word = value is None or isinstance(value, bool)
    return words[value] if is_word else str(value)
