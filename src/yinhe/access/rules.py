"""Rules of when a command needs a second person: pure."""

import re
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from yinhe.access.roles import is_currency
from yinhe.audit.record import ActorKind

PATTERN: Final = re.compile(r"([a-z][a-z0-9_-]*\.([a-z][a-z0-9_-]*|\*)|\*)")
"""An action (`transfer.post`), all of an area (`contract.*`), or all there are (`*`)."""
AMOUNT_MAX: Final = 2**62
ALONE: Final = frozenset({"approval", "session", "factor", "user.change_password"})
"""Areas and actions no rule is about: deciding itself, which would wait for ever, and what proves who one is, whose
secrets nobody else is to see."""


class ApprovalRule(msgspec.Struct, frozen=True, kw_only=True):
    """Which commands of whom need a second person, and from which amount on."""

    pattern: str
    kinds: frozenset[ActorKind] = frozenset({ActorKind.USER, ActorKind.CLIENT})
    thresholds: Mapping[str, int] | None = None
    """By currency code, in minor units: from this amount on. A currency not named needs it always; a command that moves
    no amount does not. None: every command does, amount or not."""


def concerns(rule: ApprovalRule, action: str, kind: ActorKind) -> bool:
    """Whether a rule is about an action of such an actor."""
    area, _, _ = action.partition(".")
    if action in ALONE or area in ALONE:
        return False
    return kind in rule.kinds and rule.pattern in (action, f"{area}.*", "*")


def asks(rule: ApprovalRule, amount_minor: int | None, currency: str | None) -> bool:
    """Whether a rule about a command asks for a second person at this amount."""
    if rule.thresholds is None:
        return True
    if amount_minor is None:
        return False
    threshold = rule.thresholds.get(currency or "", 0)
    return amount_minor >= threshold


def first_asking(rules: Iterable[ApprovalRule], amount_minor: int | None, currency: str | None) -> ApprovalRule | None:
    """The first of rules about a command that asks; one is enough."""
    for rule in rules:
        if asks(rule, amount_minor, currency):
            return rule
    return None


def is_sound(rule: ApprovalRule) -> bool:
    """Whether a rule reads."""
    return (
        PATTERN.fullmatch(rule.pattern) is not None
        and not {rule.pattern, rule.pattern.partition(".")[0]} & ALONE
        and bool(rule.kinds)
        and ActorKind.BANK not in rule.kinds
        and all(is_currency(code) and 0 <= least <= AMOUNT_MAX for code, least in (rule.thresholds or {}).items())
    )
