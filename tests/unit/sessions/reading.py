"""A small Flesch-Kincaid grade, for what patients read."""

from __future__ import annotations

import re


def grade(text: str) -> float:
    """Return the US school grade that a text asks of its reader."""
    sentences = [part for part in re.split(r"[.!?]+(?:\s+|$)", text) if part.strip()]
    words = re.findall(r"[A-Za-z']+|[0-9]+", text)
    spoken = sum(_syllables(word) for word in words)
    return 0.39 * len(words) / len(sentences) + 11.8 * spoken / len(words) - 15.59


def _syllables(word: str) -> int:
    lower = word.lower()
    count = len(re.findall(r"[aeiouy]+", lower))
    silent = lower.endswith("e") and not lower.endswith(("le", "ee"))
    if (silent or re.search(r"[^td]ed$", lower)) and count > 1:
        count -= 1
    return max(count, 1)
