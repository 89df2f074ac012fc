"""The rules of when a second person is needed: kept in the database, asked in memory."""

from typing import Final

import msgspec
import psycopg

from yinhe.access.built_in import BUILT_IN_RULES
from yinhe.access.errors import AccessError
from yinhe.access.principal import Principal
from yinhe.access.refusals import AccessRefusal
from yinhe.access.rules import ApprovalRule, concerns, first_asking, is_sound
from yinhe.access.watch import EVERYONE, Watch
from yinhe.audit.desk import Asked, Desk, Done, Told, Work
from yinhe.audit.record import ActorKind
from yinhe.kernel.refusals import Refusal
from yinhe.storage.statements import load_statements

RULES_MAX: Final = 500


class RuleGone(msgspec.Struct, frozen=True):
    """Remove a rule."""

    pattern: str


class ApprovalRules:
    """Says when a second person is needed; safe between threads."""

    def __init__(self, desk: Desk, watch: Watch) -> None:
        self._desk: Final = desk
        self._watch: Final = watch
        self._sql: Final = load_statements("access")
        self._rules: tuple[ApprovalRule, ...] | None = None
        self._about: dict[tuple[str, ActorKind], tuple[ApprovalRule, ...]] = {}
        watch.listen(self._changed)

    def needed(
        self, action: str, amount_minor: int | None, currency: str | None, principal: Principal
    ) -> ApprovalRule | None:
        """The rule by which a command needs a second person, None if it needs none.

        Within a second of a change by another process; a dictionary look-up else. Raises a fault of storage.
        """
        if self._desk.clock.monotonic_us() >= self._watch.due_us:
            self._watch.look()
        about = self._about.get((action, principal.kind))
        if about is None:
            about = self._learn(action, principal.kind)
        return first_asking(about, amount_minor, currency)

    def all(self) -> tuple[ApprovalRule, ...]:
        """Every rule, by pattern."""
        with self._desk.sessions.lend() as session:
            return read_rules(session)

    def put(self, asked: Asked, rule: ApprovalRule) -> Told | Refusal:
        """Make a rule, or change it; the answer is the rule."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            if not is_sound(rule):
                return Refusal(AccessRefusal.RULE_MALFORMED)
            rules = {known.pattern: known for known in read_rules(session)}
            if len(rules) >= RULES_MAX and rule.pattern not in rules:
                return Refusal(AccessRefusal.RULES_TOO_MANY)
            write_rule(session, rule)
            self._watch.write(session, EVERYONE)
            return Done(answer=rule, object=f"rule/{rule.pattern}", before=rules.get(rule.pattern), after=rule)

        return self._done(asked, work)

    def remove(self, asked: Asked, command: RuleGone) -> Told | Refusal:
        """Remove a rule."""

        def work(session: psycopg.Connection) -> Done | Refusal:
            before = next((rule for rule in read_rules(session) if rule.pattern == command.pattern), None)
            if before is None:
                return Refusal(AccessRefusal.RULE_UNKNOWN)
            session.execute(self._sql["rule_remove"], {"pattern": command.pattern})
            self._watch.write(session, EVERYONE)
            return Done(answer={"pattern": command.pattern}, object=f"rule/{command.pattern}", before=before)

        return self._done(asked, work)

    def install(self, session: psycopg.Connection) -> None:
        """Make the rules a bank starts with, once: when there is none."""
        if not read_rules(session):
            for rule in BUILT_IN_RULES:
                write_rule(session, rule)

    def _learn(self, action: str, kind: ActorKind) -> tuple[ApprovalRule, ...]:
        seen, rules = self._watch.seen, self._rules
        if rules is None:
            rules = self.all()
        about = tuple(rule for rule in rules if concerns(rule, action, kind))
        if seen == self._watch.seen:
            if len(self._about) >= ABOUT_MAX:
                self._about = {}
            self._rules, self._about[action, kind] = rules, about
        return about

    def _changed(self, principals: frozenset[int]) -> None:
        if EVERYONE in principals:
            self._rules, self._about = None, {}

    def _done(self, asked: Asked, work: Work) -> Told | Refusal:
        told = self._desk.carry_out(asked, work)
        self._watch.announce()
        return told


ABOUT_MAX: Final = 1_000
"""Actions whose rules are remembered at a time."""


def read_rules(session: psycopg.Connection) -> tuple[ApprovalRule, ...]:
    """Every rule, by pattern. Raises AccessError if one does not read: a rule is never passed over."""
    rules: list[ApprovalRule] = []
    for pattern, kinds, thresholds in session.execute(load_statements("access")["rules_all"]):
        try:
            limits = None if thresholds is None else msgspec.json.decode(thresholds, type=dict[str, int])
        except msgspec.MsgspecError as error:
            raise AccessError(f"The rule {pattern} does not read: {error}") from error
        rules.append(
            ApprovalRule(pattern=pattern, kinds=frozenset(ActorKind(kind) for kind in kinds), thresholds=limits)
        )
    return tuple(rules)


def write_rule(session: psycopg.Connection, rule: ApprovalRule) -> None:
    """Write a rule, or write it anew."""
    thresholds = None if rule.thresholds is None else msgspec.json.encode(rule.thresholds, order="sorted").decode()
    given = {"pattern": rule.pattern, "kinds": sorted(str(kind) for kind in rule.kinds), "thresholds": thresholds}
    session.execute(load_statements("access")["rule_write"], given)
