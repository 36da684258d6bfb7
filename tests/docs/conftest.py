"""The specification's page, where it is, and checks of single tabs."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from printed_pages import page_of, tab_of

from b24_conformance.examples import TabReport, check

SPECIFICATION = Path(__file__).parents[3] / "shared" / "seed-imopenlines-session-join.md"
CheckTab = Callable[..., TabReport]


@pytest.fixture(autouse=True)
def nothing_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """No file of the user's own, unless a test gives one."""
    for name in ("CREST_PATH", "B24PHPSDK_AUTOLOAD", "BX24_JS", "B24GOSDK_PATH"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def check_tab() -> CheckTab:
    """Checks one tab; keywords are the paths of the user's own files."""

    def checked(language: str, code: str, **paths: Path) -> TabReport:
        given = {key: str(path) for key, path in paths.items()}
        (report,) = check(page_of(tab_of("Tab", language, code)), paths=given).tabs
        return report

    return checked


@pytest.fixture
def specification() -> Path:
    """The specification's page, which is kept beside the checkout and not within."""
    if not SPECIFICATION.is_file():
        pytest.skip(f"the specification's page is not at {SPECIFICATION}")
    return SPECIFICATION
