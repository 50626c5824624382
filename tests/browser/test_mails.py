"""The pictures of the mails: as wide as asked, as long as the mail, light and dark."""

from __future__ import annotations

import struct
from pathlib import Path

from tests.browser import mails


def test_pictures_are_as_wide_as_asked_and_as_long_as_the_mail(tmp_path):
    said: list[str] = []
    mails.write_all(tmp_path)

    assert mails.picture_all(tmp_path, ["digest-of-200"], say=said.append) == 4

    sizes = {path.name: png_size(path) for path in tmp_path.glob("*.png")}
    assert {name: width for name, (width, _height) in sizes.items()} == {
        "digest-of-200-390-light.png": 390, "digest-of-200-390-dark.png": 390,
        "digest-of-200-1280-light.png": 1280, "digest-of-200-1280-dark.png": 1280,
    }  # fmt: skip
    assert all(height > 720 for _width, height in sizes.values())
    light, dark = (tmp_path / f"digest-of-200-390-{each}.png" for each in ("light", "dark"))
    assert light.read_bytes() != dark.read_bytes()
    assert said == ["4 pictures are beside them: 390 and 1280 pixels wide, light and dark."]


def png_size(path: Path) -> tuple[int, int]:
    """Read width and height from the header (PNG specification, 11.2.2)."""
    width, height = struct.unpack(">II", path.read_bytes()[16:24])
    return width, height
