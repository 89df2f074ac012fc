"""The engine's log: structured, and never a reason to stop. A log that cannot be written must not stop the bank."""

from contextlib import suppress
from typing import Final

import structlog


class Logbook:
    """Writes to structlog under one name; what goes wrong in writing is let go."""

    def __init__(self, name: str) -> None:
        self._log: Final = structlog.get_logger(name)

    def info(self, event: str, **facts: str | int | float) -> None:
        """Note what happened."""
        with suppress(Exception):
            self._log.info(event, **facts)

    def warning(self, event: str, **facts: str | int | float) -> None:
        """Note what an operator may want to look at."""
        with suppress(Exception):
            self._log.warning(event, **facts)

    def error(self, event: str, fault: BaseException | None = None, **facts: str | int | float) -> None:
        """Note what an operator must look at; of a fault also where it arose."""
        with suppress(Exception):
            self._log.error(event, exc_info=fault, **facts)

    def exception(self, event: str, **facts: str | int | float) -> None:
        """Note a fault, with where it arose."""
        with suppress(Exception):
            self._log.exception(event, **facts)
