"""Files made to hurt: each is refused, and none reaches further than it must."""

import tracemalloc

import pytest
from tests.unit.payments.files import HEAD, group, line, pain001
from tests.unit.payments.test_pain001 import refused, taken

from yinhe.payments.iso.pacs004 import read_pacs004
from yinhe.payments.iso.pacs008 import read_pacs008
from yinhe.payments.iso.xml import BYTES_MAX, DEPTH_MAX, ELEMENTS_MAX, TEXT_MAX
from yinhe.payments.refusals import FileReason

BODY = group(line())
DECLARED = '<?xml version="1.0" encoding="{}"?>'
BOMB = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + i)} "{f"&{chr(97 + i)};" * 10}">' for i in range(9)
)
ATTACKS = {
    "bomb of entities": (pain001(BODY, before=BOMB + "]>"), FileReason.DOCTYPE_NOT_ALLOWED),
    "outside entity": (
        pain001(group(line(name="&x;")), before='<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>'),
        FileReason.DOCTYPE_NOT_ALLOWED,
    ),
    "outside document type": (
        pain001(BODY, before='<!DOCTYPE Document SYSTEM "http://127.0.0.1/x.dtd">'),
        FileReason.DOCTYPE_NOT_ALLOWED,
    ),
    "document type in small letters": (pain001(BODY, before="<!doctype a>"), FileReason.DOCTYPE_NOT_ALLOWED),
    "document type behind a byte order mark": (
        b"\xef\xbb\xbf" + pain001(BODY, before="<!DOCTYPE a>"),
        FileReason.DOCTYPE_NOT_ALLOWED,
    ),
    "document type in another charset": (
        pain001(BODY, before="<!DOCTYPE a>").decode().encode("utf-16"),
        FileReason.ENCODING_NOT_UTF8,
    ),
    "entity nobody declared": (pain001(group(line(name="&x;"))), FileReason.NOT_XML),
    "wrong charset declared": (pain001(BODY, before=DECLARED.format("ISO-8859-1")), FileReason.ENCODING_NOT_UTF8),
    "charset of seven bits declared": (pain001(BODY, before=DECLARED.format("UTF-7")), FileReason.ENCODING_NOT_UTF8),
    "another charset than declared": (pain001(BODY).decode().encode("gb18030"), FileReason.ENCODING_NOT_UTF8),
    "NUL": (pain001(BODY).replace(b"Payer", b"Pay\0er"), FileReason.ENCODING_NOT_UTF8),
    "wrong namespace": (pain001(BODY, namespace="urn:example:pain"), FileReason.MESSAGE_NOT_TAKEN),
    "no namespace": (pain001(BODY).replace(b" xmlns=", b" x="), FileReason.MESSAGE_NOT_TAKEN),
    "another version": (pain001(BODY, message="pain.001.001.02"), FileReason.MESSAGE_NOT_TAKEN),
    "another message": (pain001(BODY, message="pain.008.001.02"), FileReason.MESSAGE_NOT_TAKEN),
    "an element of another namespace": (
        pain001(group(line(extra='<RmtInf xmlns="urn:other"/>'))),
        FileReason.NAMESPACE_MIXED,
    ),
    "deep": (
        pain001(group(line(extra="<a>" * DEPTH_MAX + "</a>" * DEPTH_MAX))),
        FileReason.TOO_DEEP,
    ),
    "deeper than the parser goes": (pain001(group(line(extra="<a>" * 100_000))), FileReason.NOT_XML),
    "long text": (pain001(group(line(name="x" * (TEXT_MAX + 1)))), FileReason.TEXT_TOO_LONG),
    "more than the parser reads in one text": (pain001(group(line(name="x" * 11_000_000))), FileReason.NOT_XML),
    "many elements": (b"<a>" + b"<b/>" * (2 * ELEMENTS_MAX) + b"</a>", FileReason.TOO_MANY_ELEMENTS),
    "nothing": (b"", FileReason.NOT_XML),
    "no XML": (b"message;amount\n1;2\n", FileReason.NOT_XML),
    "cut off": (pain001(BODY)[:-20], FileReason.NOT_XML),
    "two documents": (pain001(BODY) + b"<Document/>", FileReason.NOT_XML),
    "two messages in a document": (
        pain001(BODY).replace(b"</CstmrCdtTrfInitn>", b"</CstmrCdtTrfInitn><CstmrCdtTrfInitn/>"),
        FileReason.FIELD_MALFORMED,
    ),
    "a field twice": (
        pain001(BODY).replace(b"<MsgId>", b"<MsgId>M2</MsgId><MsgId>"),
        FileReason.FIELD_TWICE,
    ),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_it_is_refused(name: str) -> None:
    data, reason = ATTACKS[name]
    assert refused(data) is reason


def test_a_text_of_a_hundred_megabytes_is_refused_before_it_is_looked_at() -> None:
    data = b"<Document>" + b"x" * 100_000_000
    tracemalloc.start()
    assert refused(data) is FileReason.TOO_LARGE
    assert tracemalloc.get_traced_memory()[1] < 1_000_000
    tracemalloc.stop()


def test_the_largest_file_that_is_read_holds_ten_thousand_large_payments() -> None:
    whole = pain001(group(*(line(f"E{i}", extra=f"<Purp>{'x' * 2_000}</Purp>") for i in range(10_000))), count=10_000)
    assert len(whole) < BYTES_MAX
    assert taken(whole).count == 10_000


def test_what_a_bank_adds_beside_the_standard_is_left_aside() -> None:
    extra = '<SplmtryData><Envlp><own xmlns="urn:own">x</own></Envlp></SplmtryData>'
    assert taken(pain001(group(line(extra=extra)))).count == 1


@pytest.mark.parametrize("read", [read_pacs008, read_pacs004])
def test_every_reader_refuses_the_bomb_and_the_message_of_another(read: object) -> None:
    assert callable(read)
    assert read(pain001(BODY, before=BOMB + "]>")).because is FileReason.DOCTYPE_NOT_ALLOWED
    assert read(pain001(BODY)).because is FileReason.MESSAGE_NOT_TAKEN
    empty = f'<Document xmlns="{HEAD}pacs.008.001.08"><Other/></Document>'.encode()
    assert read(empty).because is FileReason.MESSAGE_NOT_TAKEN
