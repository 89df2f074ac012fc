"""Whatever is typed: it is refused, or kept in a form that stays as it is."""

import unicodedata

from hypothesis import given, settings
from hypothesis import strategies as st

from yinhe.kernel.refusals import Refusal
from yinhe.parties.contacts import normal_contact
from yinhe.parties.identifiers import compact
from yinhe.parties.masks import mask_field
from yinhe.parties.model import Area, ContactKind, PartyKind
from yinhe.parties.text import NAME_MAX, name_index, name_text, script_of

NAMES = st.text(max_size=20) | st.text(st.sampled_from("张三李Zhang Иван·-' \u200b\u202e\u0301"), max_size=12)


@given(NAMES, st.sampled_from(PartyKind))
@settings(max_examples=300)
def test_a_name_that_is_kept_is_visible_bounded_and_stays_as_it_is(text: str, kind: PartyKind) -> None:
    name = name_text(text, kind)
    if isinstance(name, Refusal):
        return
    assert name_text(name, kind) == name
    assert 1 <= len(name) <= NAME_MAX
    assert unicodedata.is_normalized("NFC", name)
    assert not {unicodedata.category(character) for character in name} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert script_of(name) != "none"
    assert name_index(name_index(name)) == name_index(name)
    assert name_index(f" {name}\u3000") == name_index(name)


@given(NAMES, st.sampled_from(PartyKind))
@settings(max_examples=100)
def test_the_mask_of_a_persons_name_shows_the_first_letters_of_words_only(text: str, kind: PartyKind) -> None:
    name = name_text(text, kind)
    if isinstance(name, Refusal):
        return
    masked = mask_field(Area.NAME, "legal", "text", name, PartyKind.PERSON)
    shown = [character for character in masked if character not in "* "]
    assert len(shown) <= len(name.split(" "))
    assert "*" in masked


@given(st.sampled_from(ContactKind), st.text(st.sampled_from("0123456789+86-()@a.bö "), max_size=18))
@settings(max_examples=300)
def test_a_contact_in_its_form_is_in_its_form(kind: ContactKind, text: str) -> None:
    value = normal_contact(kind, text)
    assert value is None or normal_contact(kind, value) == value


@given(st.text(max_size=30))
@settings(max_examples=100)
def test_an_identifier_made_compact_is_compact(text: str) -> None:
    assert compact(compact(text)) == compact(text)
