"""XML, read as if an enemy had written it, and written plainly.

Before anything is parsed: the bytes are bounded, must be UTF-8 and say nothing else, and may hold no document type and
no entity declaration, so that neither a bomb of entities nor an outside entity ever reaches the parser. The parser then
resolves nothing, loads nothing and keeps libxml2's own bounds; what it made is bounded in elements, depth and text, and
every element has the namespace of the message. This is the one module that touches lxml, which has no types.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, cast

import msgspec
from lxml import etree as _untyped_etree  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType]

from yinhe.kernel.refusals import Refusal
from yinhe.payments.errors import PaymentFault
from yinhe.payments.refusals import FileReason

BYTES_MAX: Final = 32 * 1024 * 1024
"""Most bytes of a file: 10,000 payments of three kilobytes each."""
ELEMENTS_MAX: Final = 1_200_000
DEPTH_MAX: Final = 24
"""How deep elements may lie in each other; the messages taken here need 14."""
TEXT_MAX: Final = 2_000
"""Most characters of one text; the longest field of the messages taken here has 140."""
NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:"

etree: Final = cast(Any, _untyped_etree)

_DECLARED: Final = re.compile(rb"<\?xml\b[^>]*?\bencoding\s*=\s*[\"']([^\"'>]*)[\"']")
_FORBIDDEN: Final = re.compile(rb"<!(?:DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)", re.IGNORECASE)
_BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"


class Unreadable(PaymentFault):
    """A message cannot be read; never leaves the readers, which give its refusal."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.english)
        self.refusal: Final = refusal


class Node:
    """An element of a message: its fields by path, such as `PmtId/EndToEndId`."""

    __slots__ = ("_element", "_namespace")

    def __init__(self, element: Any, namespace: str) -> None:
        self._element: Final = element
        self._namespace: Final = namespace

    @property
    def message(self) -> str:
        """The message it is of: `pain.001.001.09`."""
        return self._namespace.removeprefix(NAMESPACE)

    @property
    def own_text(self) -> str:
        """Its text, without white space around it."""
        return str(self._element.text or "").strip()

    @property
    def name(self) -> str:
        """Its name without namespace."""
        return str(self._element.tag).rpartition("}")[2]

    def all(self, path: str) -> "tuple[Node, ...]":
        """Every element at a path, in order."""
        return tuple(Node(found, self._namespace) for found in self._element.findall(_qualified(path, self._namespace)))

    def find(self, path: str) -> "Node | None":
        """The element at a path. Raises Unreadable when there are several."""
        found = self._element.findall(_qualified(path, self._namespace))
        if len(found) > 1:
            raise Unreadable(Refusal(FileReason.FIELD_TWICE, path))
        return Node(found[0], self._namespace) if found else None

    def need(self, path: str) -> "Node":
        """The element at a path. Raises Unreadable when there is none, or several."""
        found = self.find(path)
        if found is None:
            raise Unreadable(Refusal(FileReason.FIELD_MISSING, path))
        return found

    def text(self, path: str) -> str:
        """The text at a path, "" where there is no such element. Raises Unreadable when there are several."""
        found = self.find(path)
        return "" if found is None else found.own_text

    def attribute(self, name: str) -> str:
        """An attribute, "" where it has none of the name."""
        return str(self._element.get(name) or "").strip()


@lru_cache(maxsize=1_024)
def _qualified(path: str, namespace: str) -> str:
    return "/".join(f"{{{namespace}}}{step}" for step in path.split("/"))


def read_document(data: bytes, messages: Sequence[str]) -> Node | Refusal:
    """The one element inside `Document`, if the file is one of the messages (`pain.001.001.09`) and within bounds."""
    refusal = _unfit(data)
    if refusal is not None:
        return refusal
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        remove_blank_text=True,
    )
    try:
        root = etree.fromstring(data.removeprefix(_BYTE_ORDER_MARK), parser)
    except etree.XMLSyntaxError as error:
        # Where, never what: the text may be personal.
        line, column = cast(tuple[int, int], error.position)
        return Refusal(FileReason.NOT_XML, f"line {line}, column {column}")
    namespace, _, name = str(root.tag).removeprefix("{").partition("}")
    message = namespace.removeprefix(NAMESPACE)
    if name != "Document" or namespace == message or message not in messages:
        return Refusal(FileReason.MESSAGE_NOT_TAKEN, ", ".join(messages))
    refusal = _beyond_bounds(root, namespace)
    if refusal is not None:
        return refusal
    if len(root) != 1:
        return Refusal(FileReason.FIELD_MALFORMED, "Document")
    return Node(root[0], namespace)


def _unfit(data: bytes) -> Refusal | None:
    """What is wrong with the bytes before they are parsed."""
    if len(data) > BYTES_MAX:
        return Refusal(FileReason.TOO_LARGE, f"at most {BYTES_MAX:,} bytes")
    body = data.removeprefix(_BYTE_ORDER_MARK)
    declared = _DECLARED.match(body)
    if declared is not None and declared[1].decode("latin-1").lower() not in ("utf-8", "utf8"):
        return Refusal(FileReason.ENCODING_NOT_UTF8)
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return Refusal(FileReason.ENCODING_NOT_UTF8, f"byte {error.start:,}")
    if b"\0" in body:
        return Refusal(FileReason.ENCODING_NOT_UTF8, "NUL")
    if _FORBIDDEN.search(body):
        return Refusal(FileReason.DOCTYPE_NOT_ALLOWED)
    # Each element has a start, and all but empty ones an end: twice as many marks are twice too many.
    if body.count(b"<") > 2 * ELEMENTS_MAX:
        return Refusal(FileReason.TOO_MANY_ELEMENTS, f"at most {ELEMENTS_MAX:,}")
    return None


def _beyond_bounds(root: Any, namespace: str) -> Refusal | None:
    """What is wrong with the parsed tree as a whole; each question is one pass inside libxml2."""
    if root.xpath("count(/descendant::*)") > ELEMENTS_MAX:
        return Refusal(FileReason.TOO_MANY_ELEMENTS, f"at most {ELEMENTS_MAX:,}")
    if root.xpath("boolean(" + "/*" * (DEPTH_MAX + 1) + ")"):
        return Refusal(FileReason.TOO_DEEP, f"at most {DEPTH_MAX}")
    if root.xpath("boolean(/descendant::text()[string-length(.) > $most])", most=TEXT_MAX):
        return Refusal(FileReason.TEXT_TOO_LONG, f"at most {TEXT_MAX:,} characters")
    # What a bank adds beside the standard lies in SplmtryData, under a namespace of its own, and is not read.
    if root.xpath(
        "boolean(/descendant::*[namespace-uri() != $ours][not(ancestor::*[local-name() = 'Envlp'])])", ours=namespace
    ):
        return Refusal(FileReason.NAMESPACE_MIXED)
    return None


class Tag(msgspec.Struct, frozen=True):
    """An element to be written: its name, its text or what is in it, and its attributes."""

    name: str
    content: "str | tuple[Tag, ...]"
    attributes: Mapping[str, str] = {}


def tag(name: str, *content: "Tag | str | None", **attributes: str) -> Tag | None:
    """An element of a text, or of elements; None where there is nothing to say, and then nothing is written."""
    texts = [part for part in content if isinstance(part, str)]
    parts = tuple(part for part in content if isinstance(part, Tag))
    if texts:
        assert len(texts) == 1, "an element has one text"
        assert not parts, "an element of these messages has a text or elements, never both"
        return Tag(name, texts[0], attributes) if texts[0] else None
    return Tag(name, parts, attributes) if parts else None


def write_document(message: str, content: Tag | None) -> bytes:
    """The message as XML in UTF-8, with its declaration."""
    assert content is not None, "a message has something in it"
    namespace = NAMESPACE + message
    root = etree.Element(f"{{{namespace}}}Document", nsmap={None: namespace})
    _write(root, content, namespace)
    return cast(bytes, etree.tostring(root, encoding="UTF-8", xml_declaration=True))


def _write(parent: Any, content: Tag, namespace: str) -> None:
    element = etree.SubElement(parent, f"{{{namespace}}}{content.name}", dict(content.attributes))
    if isinstance(content.content, str):
        element.text = content.content
        return
    for part in content.content:
        _write(element, part, namespace)
