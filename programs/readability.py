"""How hard a text is to read: the US school grade of Flesch and Kincaid."""

from __future__ import annotations

import re
from collections.abc import Iterable

WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*|\d+")
SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
VOWELS = re.compile(r"[aeiouy]+")
# Endings whose e is not spoken: a silent e, or an -ed after anything but d and t.
SILENT = re.compile(r"(?:[^aeiouyl]e|[^aeiouydt]ed)$")


def syllables(word: str) -> int:
    """Estimate the syllables of an English word; every word has at least one."""
    spoken = len(VOWELS.findall(word.lower()))
    if spoken > 1 and SILENT.search(word.lower()):
        spoken -= 1
    return max(spoken, 1)


def sentences(texts: Iterable[str]) -> list[str]:
    """Cut each text into sentences; a text without an end mark is one sentence."""
    return [part for text in texts for part in SENTENCE_END.split(text.strip()) if part]


def grade(texts: Iterable[str]) -> float:
    """Return 0.39 words per sentence + 11.8 syllables per word - 15.59 (Kincaid 1975)."""
    cut = sentences(texts)
    words = [word for sentence in cut for word in WORD.findall(sentence)]
    if not words:
        return 0.0
    spoken = sum(syllables(word) for word in words)
    return 0.39 * len(words) / len(cut) + 11.8 * spoken / len(words) - 15.59
