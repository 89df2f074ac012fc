"""Details as COPY text: whatever a text holds, one row stays one row and says the same."""

from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from yinhe.ledger.details import encode_details
from yinhe.ledger.store import Detail

ID = UUID("0198d3a0-0000-7000-8000-000000000001")
MARKS = {"\\\\": "\\", "\\t": "\t", "\\n": "\n", "\\r": "\r", "\\b": "\b", "\\f": "\f", "\\v": "\v"}
texts = st.text(st.one_of(st.sampled_from("\\\t\n\r\b\f\v.N"), st.characters(exclude_characters="\0", codec="utf-8")))


def read(text: str) -> str:
    """A field of COPY's text format, read as the manual says."""
    found, at = "", 0
    while at < len(text):
        mark = text[at : at + 2]
        found, at = (found + MARKS[mark], at + 2) if mark in MARKS else (found + text[at], at + 1)
    return found


@given(actor=texts, narrative=texts, value=texts)
def test_what_is_written_is_what_is_read(actor: str, narrative: str, value: str) -> None:
    import json

    shared = {"key": value}
    data = encode_details([Detail(ID, actor, "online", narrative, shared), Detail(ID, "", "", "", shared)], 7)
    lines = data.decode().split("\n")
    assert len(lines) == 3
    assert lines[2] == ""
    fields = [read(field) for field in lines[0].split("\t")]
    assert fields[:5] == [str(ID), "7", actor, "online", narrative]
    assert json.loads(fields[5]) == shared
