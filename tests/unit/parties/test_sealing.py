"""What the log is given of a command: enough to tell whether it is the same again, nothing to read."""

import datetime as dt

import msgspec

from yinhe.parties.commands import Add, Open
from yinhe.parties.model import (
    Address,
    AddressKind,
    Consent,
    Contact,
    ContactKind,
    Document,
    Identifier,
    IdentifierKind,
    Name,
    PartyKind,
)
from yinhe.parties.sealing import content_of, logged, opened
from yinhe.storage.vault import Vault

VAULT = Vault({1: b"\x11" * 32}, b"\x22" * 32)
ITEMS = (
    Name(text="secret-1"),
    Identifier(kind=IdentifierKind.OTHER, value="secret-2"),
    Address(
        kind=AddressKind.HOME,
        province="secret-3",
        town="secret-4",
        district="secret-5",
        street="secret-6",
        building="secret-7",
        room="secret-8",
        post_code="secret-9",
    ),
    Contact(kind=ContactKind.EMAIL, value="secret-10"),
    Consent(purpose="marketing", evidence="secret-11"),
    Document(kind="copy", reference="secret-12", sha256="0" * 64),
)


def test_nothing_personal_of_a_command_can_be_read() -> None:
    whole = Open(kind=PartyKind.PERSON, items=ITEMS, born=dt.date(1990, 3, 7))
    for command in (whole, *(Add(party=1, item=item) for item in ITEMS)):
        text = msgspec.json.encode(content_of(command, VAULT)).decode()
        assert "secret" not in text
        assert "1990" not in text
    assert '"marketing"' in msgspec.json.encode(content_of(whole, VAULT)).decode()


def test_the_same_command_reads_the_same_and_another_does_not() -> None:
    def content(text: str) -> bytes:
        return msgspec.json.encode(content_of(Add(party=1, item=Name(text=text)), VAULT))

    assert content("张三") == content("张三")
    assert content("张三") != content("李四")


def test_what_is_sealed_in_the_log_is_opened_wherever_it_stands() -> None:
    sealed = logged(VAULT.seal("张三".encode(), "here"), "here")
    kept = {"name/1": {"text": sealed, "kind": "legal"}, "all": [sealed, 7, None]}
    assert opened(kept, None) == {"name/1": {"text": "***", "kind": "legal"}, "all": ["***", 7, None]}
    assert opened(kept, VAULT) == {"name/1": {"text": "张三", "kind": "legal"}, "all": ["张三", 7, None]}
