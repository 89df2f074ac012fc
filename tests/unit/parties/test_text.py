"""Names: which are written as they are, which are refused, and which are the same."""

import pytest

from yinhe.kernel.refusals import Refusal
from yinhe.parties.model import PartyKind
from yinhe.parties.refusals import PartyRefusal
from yinhe.parties.text import NAME_MAX, code_text, name_index, name_text, plain_text, script_of

PERSON, ORGANISATION = PartyKind.PERSON, PartyKind.ORGANISATION
INVISIBLE, CHARACTER, MIXED = (
    PartyRefusal.TEXT_INVISIBLE,
    PartyRefusal.TEXT_CHARACTER,
    PartyRefusal.TEXT_SCRIPTS_MIXED,
)


@pytest.mark.parametrize(
    ("written", "kept", "script"),
    [
        ("张三", "张三", "han"),
        ("  张　三 ", "张 三", "han"),
        ("阿卜杜拉·买买提", "阿卜杜拉·买买提", "han"),
        ("𠮷田", "𠮷田", "han"),
        ("O'Neill-Smith, Jr.", "O'Neill-Smith, Jr.", "latin"),
        ("Nguye\u0302\u0303n", "Nguyễn", "latin"),
        ("Иван Петров", "Иван Петров", "cyrillic"),
        ("Γιώργος", "Γιώργος", "greek"),
        ("محمد", "محمد", "arabic"),
        ("བསྟན་འཛིན།"[:-1], "བསྟན་འཛིན", "tibetan"),
        ("ᠪᠠᠶᠠᠷ", "ᠪᠠᠶᠠᠷ", "mongolian"),
        ("김철수", "김철수", "hangul"),
        ("山田 たろう", "山田 たろう", "japanese"),
        ("张三 Zhang San", "张三 Zhang San", "mixed"),
        ("Иван Smith", "Иван Smith", "mixed"),
    ],
)
def test_a_persons_name_is_kept_in_its_normal_form(written: str, kept: str, script: str) -> None:
    assert (name_text(written, PERSON), script_of(kept)) == (kept, script)


@pytest.mark.parametrize(
    "name",
    [
        "某某（北京）有限公司",
        "A股份有限公司",
        "AT&T Inc.",
        "3M",
        "“某某”商店",
        "某某#1分店",
        "Smith & Söhne GmbH & Co. KG",
    ],
)
def test_organisations_have_signs_in_their_names(name: str) -> None:
    assert name_text(name, ORGANISATION) == name


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", PartyRefusal.TEXT_EMPTY),
        ("   ", PartyRefusal.TEXT_EMPTY),
        ("张" * (NAME_MAX + 1), PartyRefusal.TEXT_TOO_LONG),
        ("a" * 10_000_000, PartyRefusal.TEXT_TOO_LONG),
        ("张\u0000三", INVISIBLE),
        ("张\n三", INVISIBLE),
        ("张\u202e三", INVISIBLE),  # turns what follows round
        ("张\u2066三", INVISIBLE),
        ("张\u200b三", INVISIBLE),  # zero-width space
        ("张\u200d三", INVISIBLE),
        ("\ufeff张三", INVISIBLE),
        ("Smi\u00adth", INVISIBLE),  # soft hyphen
        ("张\ufe00三", INVISIBLE),  # selects a variant
        ("张\U000e0100三", INVISIBLE),
        ("Sm\u034fith", INVISIBLE),
        ("\u3164", INVISIBLE),  # a letter that is a blank
        ("\u2800", INVISIBLE),
        ("张\ud800", INVISIBLE),
        ("张\ue000", INVISIBLE),  # private use
        ("张\u2028三", INVISIBLE),
        ("Z" + "\u0301" * 4, CHARACTER),
        ("张 \u0301", CHARACTER),  # a mark on nothing
        ("...", CHARACTER),
        ("123", CHARACTER),
        ("张三😀", CHARACTER),
        ("<b>Smith</b>", CHARACTER),
        ("Smith; DROP TABLE party", CHARACTER),
        ("{{7*7}}", CHARACTER),
        ("$Smith", CHARACTER),
        ("AT&T", CHARACTER),  # a person has no such sign
        ("𝐒𝐦𝐢𝐭𝐡", CHARACTER),  # letters of mathematics
        ("Ⓢmith", CHARACTER),
        ("Smіth", MIXED),  # a Cyrillic і
        ("Αnna", MIXED),  # a Greek capital alpha
        ("Иvan", MIXED),
        ("Anna Реtrova", MIXED),
        ("张Иван", MIXED),
    ],
)
def test_a_name_that_hides_something_is_refused(name: str, reason: PartyRefusal) -> None:
    refusal = name_text(name, PERSON)
    assert isinstance(refusal, Refusal)
    assert refusal.because is reason
    assert not name or name[:20] not in refusal.english


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("张三", "张 三", True),
        ("ＺＨＡＮＧ　ＳＡＮ", "zhang san", True),
        ("Zhang-San", "ZhangSan", True),
        ("阿卜杜拉·买买提", "阿卜杜拉•买买提", True),
        ("某某（北京）有限公司", "某某(北京)有限公司", True),
        ("STRASSE", "straße", True),
        ("Nguyễn", "Nguyen", False),
        ("张三", "張三", False),
    ],
)
def test_names_are_compared_without_width_case_spaces_and_dots(one: str, other: str, same: bool) -> None:
    assert (name_index(one) == name_index(other)) is same


@pytest.mark.parametrize("text", ["长安街1号 <A座>", "form 17 / 2026-03"])
def test_other_text_may_have_any_sign_that_is_seen(text: str) -> None:
    assert plain_text(text, "street") == text


def test_a_refusal_names_the_field_and_the_bound() -> None:
    assert plain_text("x" * 141, "street") == Refusal(PartyRefusal.TEXT_TOO_LONG, "street, at most 140 characters")
    assert plain_text("", "street") == Refusal(PartyRefusal.TEXT_EMPTY, "street")
    assert plain_text("", "street", empty=True) == ""


@pytest.mark.parametrize("code", ["", "A", "1a", "_a", "a-b", "a b", "ａ", "a" * 41])
def test_a_code_is_lower_case_letters_digits_and_underscores(code: str) -> None:
    assert code_text(code, "kind") == Refusal(PartyRefusal.CODE_MALFORMED, "kind")
    assert code_text("credit_bureau2", "kind") == "credit_bureau2"
