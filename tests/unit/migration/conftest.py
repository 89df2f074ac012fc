"""A small sound book of eight files, which tests write out with one thing changed."""

from collections.abc import Callable
from pathlib import Path

import pytest

WriteBook = Callable[[dict[str, bytes]], Path]

SOUND_FILES = {
    "district.asc": (
        "A1;A2;A3;A4;A5;A6;A7;A8;A9;A10;A11;A12;A13;A14;A15;A16",
        '1;"Hl.m. Praha";"Prague";1204953;0;0;0;1;1;100.0;12541;0.29;0.43;167;85677;99107',
        '69;"Jesenik";"north Moravia";42821;4;13;5;1;3;48.4;8173;?;7.01;124;?;1358',
    ),
    "client.asc": (
        '"client_id";"birth_number";"district_id"',
        '1;"706213";1',
        '2;"450204";69',
    ),
    "account.asc": (
        '"account_id";"district_id";"frequency";"date"',
        '1;1;"POPLATEK MESICNE";930101',
        '2;69;"POPLATEK TYDNE";930102',
    ),
    "disp.asc": (
        '"disp_id";"client_id";"account_id";"type"',
        '1;1;1;"OWNER"',
        '2;2;2;"OWNER"',
        '3;1;2;"DISPONENT"',
    ),
    "order.asc": (
        '"order_id";"account_id";"bank_to";"account_to";"amount";"k_symbol"',
        '29401;1;"YZ";"87144583";2452.00;"SIPO"',
        '29402;2;"ST";"89597016";3372.70;" "',
    ),
    "loan.asc": (
        '"loan_id";"account_id";"date";"amount";"duration";"payments";"status"',
        '5314;1;930705;96396;12;8033.00;"B"',
    ),
    "card.asc": (
        '"card_id";"disp_id";"type";"issued"',
        '1005;1;"classic";931107 00:00:00',
    ),
    "trans.asc": (
        '"trans_id";"account_id";"date";"type";"operation";"amount";"balance";"k_symbol";"bank";"account"',
        '30;1;930101;"PRIJEM";"VKLAD";700.00;700.00;"";;',
        '11;1;930105;"VYDAJ";"VYBER";14.60;985.50;"SLUZBY";;',
        '12;1;930105;"PRIJEM";"PREVOD Z UCTU";300.00;1000.00;"DUCHOD";"YZ";"30300313"',
        '20;2;930105;"PRIJEM";"VKLAD";900;900.0;"";"";"0"',
        '10;1;930106;"VYDAJ";"PREVOD NA UCET";1000.50;-15.00;" ";"ST";"89597016"',
    ),
}


def whole(lines: tuple[str, ...]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


@pytest.fixture
def write_book(tmp_path: Path) -> WriteBook:
    """Write the sound book with some files replaced, and return its directory."""

    def write(replaced: dict[str, bytes]) -> Path:
        for file, lines in SOUND_FILES.items():
            (tmp_path / file).write_bytes(replaced.get(file, whole(lines)))
        return tmp_path

    return write


@pytest.fixture
def with_line() -> Callable[[str, int, str], dict[str, bytes]]:
    """Return a file of the sound book with one line replaced, by its number from 1."""

    def replace(file: str, number: int, line: str) -> dict[str, bytes]:
        lines = list(SOUND_FILES[file])
        lines[number - 1] = line
        return {file: whole(tuple(lines))}

    return replace


@pytest.fixture
def with_rows() -> Callable[..., dict[str, bytes]]:
    """Return a file of the sound book with all its rows replaced."""

    def replace(file: str, *rows: str) -> dict[str, bytes]:
        return {file: whole((SOUND_FILES[file][0], *rows))}

    return replace


@pytest.fixture
def sound_file() -> Callable[[str], bytes]:
    return lambda file: whole(SOUND_FILES[file])
