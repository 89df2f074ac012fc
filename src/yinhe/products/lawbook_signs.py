"""The laws of parts by name, and how it is said that one is broken."""

from collections.abc import Iterator
from enum import Enum, unique
from typing import Any

import numpy as np
import numpy.typing as npt


@unique
class Law(Enum):
    """What every part keeps."""

    LAWFUL_CLASS = "lawful class"
    """Its class can be read by files, pages and forms: frozen, described, of the types of parameters there are."""
    CONSISTENT = "consistent"
    """Its parameters do not contradict one another."""
    BOTH_LANGUAGES = "both languages"
    """What customers read is there in English and in Chinese, or in neither."""
    ANSWERS = "answers"
    """It answers every question of its kind without a fault."""
    SHAPE = "shape"
    """Its answers have one entry an account, and the type the base says."""
    REPEATABLE = "repeatable"
    """Asked twice, it answers the same."""
    INPUTS_KEPT = "inputs kept"
    """It does not write into what it was given."""
    ALONE = "one account is a column of one"
    """An account asked about by itself gets the answer it gets among others."""
    ORDER_FREE = "order free"
    """Accounts in another order get the same answers, where the part claims it."""
    NOT_NEGATIVE = "no negative money"
    """Interest, fees, tax and what is paid are never below zero."""
    BOUNDED = "bounded"
    """It never gives or takes more than there is, and answers only what the base allows."""
    EXACT = "exact"
    """Interest is what fractions say, to the last part of a minor unit."""
    COVERING = "covering"
    """Regimes cover the days asked for, abutting and ascending."""
    SPLITTING = "splitting"
    """A period split on any day earns what the whole period earns."""
    CONSISTENT_DATES = "consistent dates"
    """What is due on a date agrees with what was due last."""


Signs = Iterator[tuple[Law, str]]
"""Laws that are broken, each with how that was seen."""


def where(law: Law, wrong: npt.NDArray[np.bool_], what: str, column: npt.NDArray[Any], seed: int) -> Signs:
    """A sign that a law is broken, of the first account (bool[n]) where something is wrong; none where nothing is."""
    if wrong.any():
        place = int(np.flatnonzero(wrong)[0])
        yield law, f"seed {seed}: account {place}: {what} {column[place]}"
