"""What transfer codes and general-ledger codes are called, written down for whoever reads the tables."""

from collections.abc import Mapping
from enum import Enum

import psycopg

from yinhe.storage.statements import load_statements

Names = Mapping[int, tuple[str, str]]
"""A name in English and Chinese by code."""


class Coded(Enum):
    """A code and its name; a member is declared as (code, English, Chinese)."""

    code: int
    english: str
    chinese: str

    def __init__(self, code: int, english: str, chinese: str) -> None:
        self.code = code
        self.english = english
        self.chinese = chinese


def names_of(codes: type[Coded]) -> Names:
    """The names of a list of codes."""
    return {one.code: (one.english, one.chinese) for one in codes}


def note_names(session: psycopg.Connection, transfer_codes: Names, general_ledger_codes: Names) -> None:
    """Write down what codes mean, where that is not written yet."""
    sql = load_statements("migrated")
    for statement, names in (
        ("transfer_codes_write", transfer_codes),
        ("general_ledger_codes_write", general_ledger_codes),
    ):
        given = {
            "codes": list(names),
            "english": [english for english, _ in names.values()],
            "chinese": [chinese for _, chinese in names.values()],
        }
        session.execute(sql[statement], given)
