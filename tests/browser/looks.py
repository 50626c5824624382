"""What every page keeps in a real browser: width, contrast, targets that a shaky hand can hit."""

from __future__ import annotations

from typing import Any, Literal

from tests.browser.chromium import Browser

SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
# Channels of a colour from 0 to 255, and what is read on it.
COLOURS = """
const rgb = (value) => value.match(/[\\d.]+/g).slice(0, 3).map(Number);
const style = getComputedStyle(document.body);
return [rgb(style.color), rgb(style.backgroundColor)];
"""
SIDEWAYS = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
RING = "return getComputedStyle(document.activeElement).outlineStyle"
SMALL = """
const all = [...document.querySelectorAll('a, button, input:not([type=hidden])')];
const height = (one) => one.getBoundingClientRect().height;
return all.filter((one) => one.checkVisibility() && height(one) < 44).map((one) => one.outerHTML);
"""


def luminance(colour: list[float]) -> float:
    """WCAG 2.2: the relative luminance of an sRGB colour."""
    parts = [one / 255 for one in colour]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: list[float], other: list[float]) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def fits(browser: Browser, scheme: str) -> None:
    """Nothing stands out sideways, and words are read on their ground, light or dark as asked."""
    assert browser.run(SIDEWAYS) <= 0, browser.url
    words, ground = browser.run(COLOURS)
    assert contrast(words, ground) >= 4.5
    assert (luminance(ground) < 0.5) == (scheme == "dark")


def small_targets(browser: Browser) -> list[Any]:
    """Return what is to be hit and less than 44 CSS pixels high."""
    return list(browser.run(SMALL))
