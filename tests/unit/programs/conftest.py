from __future__ import annotations

from pathlib import Path

import pytest

from tests.factories.programs import CatalogueFiles


@pytest.fixture
def files(tmp_path: Path) -> CatalogueFiles:
    """A copy of the catalogue that ships, to change."""
    return CatalogueFiles(tmp_path / "catalogue")
