"""Text people write: normalised, bounded, and free of characters that hide what is written.

After Unicode's UTS 39 (security mechanisms) and UAX 15 (normal forms): kept in NFC, compared in NFKC with case folded.
"""

import unicodedata
from typing import Final

from yinhe.kernel.refusals import Refusal
from yinhe.parties.model import PartyKind
from yinhe.parties.refusals import PartyRefusal

NAME_MAX: Final = 140
"""Characters of a name: Max140Text of ISO 20022."""
LINE_MAX: Final = 140
REFERENCE_MAX: Final = 256
CODE_MAX: Final = 40
MARKS_MAX: Final = 3
"""Most combining marks on one letter; Vietnamese needs two, Tibetan three."""

_CODE_LETTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789_")
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Letters and marks that show nothing, though their category does not say so: fillers, selectors of variants.
_HIDDEN: Final = frozenset(
    {0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0}
    | set(range(0x180B, 0x1810))
    | set(range(0xFE00, 0xFE10))
    | set(range(0xE0100, 0xE01F0))
)
_NAME_CATEGORIES: Final = frozenset({"Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Nd", "Nl", "Pd", "Zs"})
_NAME_SIGNS: Final = frozenset("'’‘ʼ.,·‧・•་()（）/、，")
_ORGANISATION_SIGNS: Final = frozenset('&＆+@!:;#*№"“”「」《》[]【】|')
_WORD_BREAKS: Final = frozenset(" -'’‘.,·‧・•་()（）/、，&＆+@!:;#*\"“”「」《》[]【】|")
# Japanese, Korean and Chinese write these side by side in one word, and no letter of theirs looks like a Latin one.
_CJK: Final = frozenset({"han", "hiragana", "katakana", "hangul", "bopomofo", "latin"})
_NO_SCRIPT: Final = frozenset(
    {"digit", "katakana-hiragana", "modifier", "combining", "roman", "superscript", "feminine"}
)


def name_text(text: str, kind: PartyKind) -> str | Refusal:
    """A party's name in NFC, its spaces single; or why it is none."""
    line = plain_text(text, "name", NAME_MAX)
    if isinstance(line, Refusal):
        return line
    signs = _NAME_SIGNS | _ORGANISATION_SIGNS if kind is PartyKind.ORGANISATION else _NAME_SIGNS
    for character in line:
        # A letter that is another one in a fancy font (𝐀) is a disguise.
        disguised = unicodedata.decomposition(character).startswith(("<font>", "<circle>", "<square>"))
        if disguised or (unicodedata.category(character) not in _NAME_CATEGORIES and character not in signs):
            return Refusal(PartyRefusal.TEXT_CHARACTER, "name")
    if not any(unicodedata.category(character).startswith("L") for character in line):
        return Refusal(PartyRefusal.TEXT_CHARACTER, "name")
    if any(_confusing(scripts_of(word)) for word in words_of(line)):
        return Refusal(PartyRefusal.TEXT_SCRIPTS_MIXED, "name")
    return line


def plain_text(text: str, field: str, most: int = LINE_MAX, *, empty: bool = False) -> str | Refusal:
    """One line of text in NFC, its spaces single; or why not. `field` is what the refusal names."""
    if len(text) > most * 4:
        # Normalising takes time with the length: what cannot fit is not looked at.
        return Refusal(PartyRefusal.TEXT_TOO_LONG, f"{field}, at most {most} characters")
    marks, before = 0, " "
    for character in text:
        category = unicodedata.category(character)
        if category in _HIDDEN_CATEGORIES or ord(character) in _HIDDEN:
            return Refusal(PartyRefusal.TEXT_INVISIBLE, field)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        if marks > MARKS_MAX or (marks and before.isspace()):
            return Refusal(PartyRefusal.TEXT_CHARACTER, field)
        before = character
    line = " ".join(unicodedata.normalize("NFC", text).split())
    if not line and not empty:
        return Refusal(PartyRefusal.TEXT_EMPTY, field)
    if len(line) > most:
        return Refusal(PartyRefusal.TEXT_TOO_LONG, f"{field}, at most {most} characters")
    return line


def code_text(text: str, field: str) -> str | Refusal:
    """A code of the bank's own, as `credit_bureau`; or why it is none."""
    if not 1 <= len(text) <= CODE_MAX or not _CODE_LETTERS.issuperset(text) or not text[0].isalpha():
        return Refusal(PartyRefusal.CODE_MALFORMED, field)
    return text


def name_index(text: str) -> str:
    """What names are found by: equal for names that differ in width, case, spaces, dots and dashes only."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(character for character in folded if unicodedata.category(character)[0] in "LMN")
    # A mark whose letter stood before a sign that was left out may join another.
    return unicodedata.normalize("NFKC", letters)


def script_of(text: str) -> str:
    """The script a name is written in, in lower case: `han`, `latin`, `cyrillic`; `mixed` if there are several."""
    found = scripts_of(text)
    if len(found) == 1:
        return next(iter(found))
    if found and found <= {"han", "hiragana", "katakana"}:
        return "japanese"
    return "mixed" if found else "none"


def scripts_of(text: str) -> frozenset[str]:
    """The scripts of the letters of a text, by the names Unicode gives the letters."""
    found: set[str] = set()
    for character in unicodedata.normalize("NFKC", text):
        if unicodedata.category(character)[0] != "L":
            continue
        script = unicodedata.name(character, "unknown").partition(" ")[0].lower()
        if script not in _NO_SCRIPT:
            found.add("han" if script in ("cjk", "ideographic") else script)
    return frozenset(found)


def words_of(text: str) -> list[str]:
    """The words of a name: what stands between spaces, dots, dashes and the like."""
    spaced = (
        " " if character in _WORD_BREAKS or unicodedata.category(character) == "Pd" else character for character in text
    )
    return "".join(spaced).split()


def _confusing(scripts: frozenset[str]) -> bool:
    return len(scripts) > 1 and not scripts <= _CJK
