"""Fixtures for the tests of applications that call the method."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from b24_conformance.fake import PortalFake


@pytest.fixture
def bitrix24_portal() -> Iterator[PortalFake]:
    """A Bitrix24 portal of this test's own, faked below `requests`."""
    # Imported here, so that a project that only has the plugin installed pays nothing for it.
    from b24_conformance.fake import portal_fake  # noqa: PLC0415

    with portal_fake() as fake:
        yield fake
