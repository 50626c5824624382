"""`dev.py mails`: every mail of the platform as files, and as pictures where there is a browser."""

from __future__ import annotations

import argparse
import base64
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import django

from tests.browser.chromium import Browser, ask, is_there, opened
from tests.browser.looks import SCHEMES

MAILS = Path(__file__).resolve().parents[2] / "var" / "mails"
WIDTHS = (390, 1280)
HEIGHT = "return Math.ceil(document.documentElement.getBoundingClientRect().height)"

Say = Callable[[str], None]


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="dev.py mails")
    parser.add_argument("--to", type=Path, default=MAILS, help="the folder, which is made anew")
    options = parser.parse_args(arguments)
    django.setup()
    folder = options.to.resolve()
    names = write_all(folder)
    _say(f"{len(names)} mails, each as HTML and as text, are in {folder}")
    picture_all(folder, names, say=_say)
    return 0


def write_all(folder: Path) -> list[str]:
    """Write each mail to a file of HTML and one of text, in a folder with nothing else in it."""
    from tests.browser.sample_mails import samples

    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    found = samples()
    for one in found:
        folder.joinpath(f"{one.name}.html").write_text(one.html(), encoding="utf-8")
        folder.joinpath(f"{one.name}.txt").write_text(one.text(), encoding="utf-8")
    return [one.name for one in found]


def picture_all(folder: Path, names: Sequence[str], *, say: Say) -> int:
    """Take each mail's pictures, narrow and wide, light and dark; return how many."""
    if not is_there():
        say("No pictures of them were made: that needs Debian's chromium and chromium-driver.")
        return 0
    number = 0
    with (
        tempfile.TemporaryDirectory(prefix="rehab-mails-") as profile,
        opened(Path(profile) / "profile") as browser,
    ):
        for name in names:
            browser.go((folder / f"{name}.html").as_uri())
            for width in WIDTHS:
                for scheme in SCHEMES:
                    browser.look_like(width=width, scheme=scheme)
                    picture = folder / f"{name}-{width}-{scheme}.png"
                    picture.write_bytes(_picture(browser, width))
                    number += 1
    say(f"{number} pictures are beside them: 390 and 1280 pixels wide, light and dark.")
    return number


def _picture(browser: Browser, width: int) -> bytes:
    """Take the whole page, however long, as PNG."""
    clip = {"x": 0, "y": 0, "width": width, "height": browser.run(HEIGHT), "scale": 1}
    asked = {"format": "png", "captureBeyondViewport": True, "clip": clip}
    body = {"cmd": "Page.captureScreenshot", "params": asked}
    return base64.b64decode(ask("POST", f"{browser.session}/goog/cdp/execute", body)["data"])


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
