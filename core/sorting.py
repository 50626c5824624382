"""The order of names for people who read them. Pure."""

from __future__ import annotations

import unicodedata


def sorted_as(name: str) -> str:
    """Fold case and accents, so that Álvaro stands with Alba and Åland with Albania."""
    parts = unicodedata.normalize("NFKD", name.casefold())
    return "".join(letter for letter in parts if not unicodedata.combining(letter))
