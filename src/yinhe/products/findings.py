"""What is wrong with a product file or with a step of a product's life: all of it, each with its place and a hint.

A file is refused whole: nothing of it is used while there is one finding.
"""

from collections.abc import Mapping
from enum import Enum, unique
from types import MappingProxyType
from typing import Final

import msgspec

FINDINGS_MAX: Final = 100
"""Findings kept of one file; a file that breaks more is hardly a product's."""

Path = tuple[str | int, ...]
"""Where in a file: keys and places of lists from 0, as `("parts", 2, "rate")`."""


@unique
class Code(Enum):
    """Everything that can be wrong."""

    NOT_TOML = "not_toml"
    KEY_UNKNOWN = "key_unknown"
    KEY_MISSING = "key_missing"
    PART_UNKNOWN = "part_unknown"
    TYPE_WRONG = "type_wrong"
    UNIT_MISSING = "unit_missing"
    UNREADABLE = "unreadable"
    OUT_OF_BOUNDS = "out_of_bounds"
    PART_REFUSED = "part_refused"
    CURRENCY_UNKNOWN = "currency_unknown"
    CURRENCY_DIFFERS = "currency_differs"
    TIERS_MISSING = "tiers_missing"
    TIER_GAP = "tier_gap"
    TIER_OVERLAP = "tier_overlap"
    TIER_DESCENDING = "tier_descending"
    TIER_UNREACHABLE = "tier_unreachable"
    FAMILY_UNKNOWN = "family_unknown"
    FAMILY_DIFFERS = "family_differs"
    KIND_MISSING = "kind_missing"
    KIND_TWICE = "kind_twice"
    PARTS_CONTRADICT = "parts_contradict"
    LEDGER_UNBALANCED = "ledger_unbalanced"
    TERM_TWICE = "term_twice"
    TERM_BOUNDS = "term_bounds"
    RATE_TABLE_UNKNOWN = "rate_table_unknown"
    EFFECTIVE_PAST = "effective_past"
    EFFECTIVE_ORDER = "effective_order"
    NUMBER_TAKEN = "number_taken"
    NUMBER_CHANGED = "number_changed"
    CURRENCY_CHANGED = "currency_changed"
    LEDGER_CHANGED = "ledger_changed"
    VERSION_NOT_NEXT = "version_not_next"
    VERSION_FIXED = "version_fixed"
    VERSION_UNKNOWN = "version_unknown"
    STATUS_WRONG = "status_wrong"
    SAME_PERSON = "same_person"
    ACTOR_MISSING = "actor_missing"
    RATE_PAST = "rate_past"


REASONS: Final[Mapping[Code, tuple[str, str]]] = MappingProxyType(
    {
        Code.NOT_TOML: ("this is not TOML: {what}", "不是合法的 TOML：{what}"),
        Code.KEY_UNKNOWN: ("{what!r} is not known here", "此处没有名为“{what}”的项"),
        Code.KEY_MISSING: ("{what!r} is missing", "缺少“{what}”"),
        Code.PART_UNKNOWN: ("there is no part {what!r}", "没有名为“{what}”的零件"),
        Code.TYPE_WRONG: ("{what} is expected, not {found}", "此处应为{chinese}，而非 {found}"),
        Code.UNIT_MISSING: ("the unit is missing: {found}", "缺少单位：{found}"),
        Code.UNREADABLE: ("{found} does not read as {what}", "{found} 不能读作{chinese}"),
        Code.OUT_OF_BOUNDS: (
            "{found} is out of bounds: {least} to {most} is allowed",
            "{found} 超出范围：允许 {least} 至 {most}",
        ),
        Code.PART_REFUSED: ("the part refuses its parameters: {what}", "零件不接受这些参数：{what}"),
        Code.CURRENCY_UNKNOWN: ("{found} is no active ISO 4217 currency", "{found} 不是有效的 ISO 4217 货币"),
        Code.CURRENCY_DIFFERS: (
            "{found} is not in the product's currency {currency}",
            "{found} 与产品货币 {currency} 不符",
        ),
        Code.TIERS_MISSING: ("there is no tier at all", "没有任何档次"),
        Code.TIER_GAP: ("the tiers leave a gap below {found}", "{found} 以下没有档次"),
        Code.TIER_OVERLAP: ("two tiers begin at {found}", "两个档次都从 {found} 开始"),
        Code.TIER_DESCENDING: (
            "the tiers do not ascend: {found} comes after {before}",
            "档次未按升序排列：{found} 在 {before} 之后",
        ),
        Code.TIER_UNREACHABLE: (
            "no balance reaches the tier from {found}: the product allows at most {most}",
            "余额达不到 {found} 这一档：产品最高余额为 {most}",
        ),
        Code.FAMILY_UNKNOWN: ("the product is neither a deposit nor a loan", "该产品既不是存款也不是贷款"),
        Code.FAMILY_DIFFERS: (
            "{what!r} belongs to {other}, and this product is {family}",
            "“{what}”属于{other_chinese}产品，而该产品是{family_chinese}",
        ),
        Code.KIND_MISSING: ("the product has no part of kind {what!r}", "产品缺少“{chinese}”类零件"),
        Code.KIND_TWICE: (
            "the product has a second part of kind {what!r}; one is allowed",
            "产品有两个“{chinese}”类零件，只允许一个",
        ),
        Code.PARTS_CONTRADICT: ("{what}", "{chinese}"),
        Code.LEDGER_UNBALANCED: (
            "{what} must be {english} ({codes}), and {found} is not",
            "“{what}”必须是{chinese}（{codes}），{found} 不是",
        ),
        Code.TERM_TWICE: ("the term {what!r} is agreed twice", "条款“{what}”约定了两次"),
        Code.TERM_BOUNDS: ("{what}", "{chinese}"),
        Code.RATE_TABLE_UNKNOWN: (
            "the rate table {what!r} says nothing on {day}",
            "利率表“{what}”在 {day} 没有利率",
        ),
        Code.EFFECTIVE_PAST: (
            "effective {day} is in the past: the bank stands at {business_date}",
            "生效日 {day} 已过：银行会计日期为 {business_date}",
        ),
        Code.EFFECTIVE_ORDER: (
            "effective {day} is not after version {version}, effective {before}",
            "生效日 {day} 不晚于第 {version} 版的生效日 {before}",
        ),
        Code.NUMBER_TAKEN: ("number {what} belongs to product {owner!r}", "编号 {what} 已属于产品“{owner}”"),
        Code.NUMBER_CHANGED: (
            "number {what} is not that of the earlier versions, {before}",
            "编号 {what} 与以前版本的编号 {before} 不同",
        ),
        Code.LEDGER_CHANGED: (
            "the general-ledger mapping is not that of the earlier versions, under which contracts lie",
            "总账科目与以前版本不同，已有合约按原科目核算",
        ),
        Code.CURRENCY_CHANGED: (
            "currency {found} is not that of the earlier versions, {before}",
            "货币 {found} 与以前版本的货币 {before} 不同",
        ),
        Code.VERSION_NOT_NEXT: ("version {found} is not the next one, {next}", "版本 {found} 不是下一版 {next}"),
        Code.VERSION_FIXED: (
            "version {found} is {status} and never changes; write version {next}",
            "第 {found} 版已{chinese}，不可更改；请编写第 {next} 版",
        ),
        Code.VERSION_UNKNOWN: ("there is no such version: {what}", "没有这个版本：{what}"),
        Code.STATUS_WRONG: (
            "{what} is {status}; only a version that is {wanted} can become {becomes}",
            "{what} 的状态为{chinese}；只有{wanted_chinese}的版本才能变为{becomes_chinese}",
        ),
        Code.SAME_PERSON: (
            "{actor} wrote {what}; another person approves it",
            "{what} 由 {actor} 编写；须由他人批准",
        ),
        Code.ACTOR_MISSING: ("nobody is named as the one who does this", "没有写明操作人"),
        Code.RATE_PAST: (
            "the rate of {what} from {day} on is in the past: the bank stands at {business_date}",
            "{what} 自 {day} 起的利率属于过去：银行会计日期为 {business_date}",
        ),
    }
)


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong; `line` counts from 1 and is 0 where no line is meant."""

    file: str
    line: int
    path: str
    """As `parts[2].rate`; empty for the whole."""
    code: Code
    english: str
    chinese: str
    hint: str = ""

    def __str__(self) -> str:
        """Render as `demand.toml:12: parts[1].rate: … (did you mean "3.25%"?)`, the form editors can jump to."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        path = f" {self.path}:" if self.path else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}:{path} {self.english}{hint}"


class Refused(msgspec.Struct, frozen=True):
    """The answer in place of what was asked for: everything that stands against it."""

    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        """Render one finding a line."""
        return "\n".join(map(str, self.findings))

    @property
    def codes(self) -> frozenset[Code]:
        """What kinds of things are wrong."""
        return frozenset(finding.code for finding in self.findings)


def refused(file: str, code: Code, *, hint: str = "", **words: object) -> Refused:
    """A refusal for one reason that has no line."""
    return Refused((finding(file, 0, (), code, hint=hint, **words),))


def finding(file: str, line: int, path: Path, code: Code, *, hint: str = "", **words: object) -> Finding:
    """Make a finding; `words` fill the places in its reason."""
    english, chinese = (sentence.format(**words) for sentence in REASONS[code])
    return Finding(file=file, line=line, path=path_text(path), code=code, english=english, chinese=chinese, hint=hint)


def path_text(path: Path) -> str:
    """A path as people write it: `parts[2].rate`, places counted from 1."""
    made = ""
    for step in path:
        made += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if made else step
    return made


class FindingLog:
    """Collects the findings of one file."""

    def __init__(self, file: str, lines: Mapping[Path, int]) -> None:
        """`lines` tells on which line each path stands."""
        self.file: Final = file
        self._lines: Final = lines
        self._found: Final[list[Finding]] = []
        self._paths: Final[list[Path]] = []

    def add(self, code: Code, path: Path, *, hint: str = "", **words: object) -> None:
        """Note one finding."""
        if len(self._found) < FINDINGS_MAX:
            self._paths.append(path)
            self._found.append(finding(self.file, self.line(path), path, code, hint=hint, **words))

    def mentions(self, path: Path) -> bool:
        """Whether there is a finding at a path or inside it."""
        return any(one[: len(path)] == path for one in self._paths)

    def line(self, path: Path) -> int:
        """The line of a path, or of what it stands in; 0 where neither is in the file."""
        return next((self._lines[path[:end]] for end in range(len(path), 0, -1) if path[:end] in self._lines), 0)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found so far, by line."""
        return tuple(sorted(self._found, key=lambda one: one.line))
