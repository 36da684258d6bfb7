"""Lets assertions that all modules here share tell what they compared."""

import pytest

pytest.register_assert_rewrite("observations")
