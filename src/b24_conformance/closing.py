"""What is closed when a `with` block is left."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Closing:
    """A context manager: leaving it, however, closes it."""

    def close(self) -> None:
        """Gives back what is held; nothing by default."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
