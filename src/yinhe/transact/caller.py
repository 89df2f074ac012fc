"""Who asks, as far as a decision needs it: made once a principal and used for every command of theirs."""

from typing import Final

from yinhe.access.permissions import Permission
from yinhe.access.principal import NO_LIMIT, Limits, Principal, Scope
from yinhe.audit.record import BANK, Author
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.errors import YinheError

_NO_LIMITS: Final = Limits()


class Caller:
    """An author with the limits and the reach of their principal; the bank's own programs have neither."""

    __slots__ = (
        "_limits",
        "actor",
        "author",
        "corrects",
        "detail",
        "handles_cash",
        "is_bank",
        "principal",
        "scope",
        "sees_balances",
    )

    def __init__(self, author: Author, principal: Principal | None) -> None:
        """`principal` is None for the bank's own programs alone."""
        self.author: Final = author
        self.principal: Final = principal
        self.actor: Final[str] = author.actor
        """As the journal names them; the key of what they moved today."""
        self.detail: Final[dict[str, str]] = _detail_of(author)
        """Whence they asked, as the journal keeps it."""
        self.is_bank: Final[bool] = principal is None
        self.scope: Final[Scope | None] = (
            None if principal is None or _reaches_all(principal.scope) else principal.scope
        )
        """What they reach; None for everything."""
        granted = frozenset[Permission]() if principal is None else principal.permissions
        self.sees_balances: Final[bool] = self.is_bank or Permission.CONTRACT_READ in granted
        self.handles_cash: Final[bool] = self.is_bank or Permission.CONTRACT_SERVE in granted
        self.corrects: Final[bool] = self.is_bank or Permission.TRANSFER_REVERSE in granted
        self._limits: dict[int, tuple[int, int]] = {}

    def limits(self, currency: int) -> tuple[int, int]:
        """Most in one command and in one business date, in minor units of a currency (ISO 4217 number)."""
        known = self._limits.get(currency)
        if known is None:
            found = _NO_LIMITS if self.principal is None else self.principal.limits_in(_code_of(currency))
            known = self._limits[currency] = found.single_minor, found.daily_minor
        return known

    @property
    def limits_nothing(self) -> bool:
        """Whether no amount is too large for them, in any currency."""
        if self.principal is None:
            return True
        all_limits = (self.principal.limits, *(limits for _, limits in self.principal.currency_limits))
        return all(limits.single_minor >= NO_LIMIT and limits.daily_minor >= NO_LIMIT for limits in all_limits)


def caller_of(principal: Principal, *, address: str = "", approver: str = "") -> Caller:
    """A principal as the one who asks; keep it as long as the principal, for all commands from one address."""
    return Caller(principal.author(address, approver), principal)


def bank_caller(author: Author = BANK) -> Caller:
    """The bank's own programs, or staff whose right was looked at elsewhere: no limits, every account."""
    return Caller(author, None)


def _detail_of(author: Author) -> dict[str, str]:
    said = {"address": author.address, "session": author.session, "approver": author.approver}
    if author.emergency:
        said["emergency"] = "break-glass"
    return {name: value for name, value in said.items() if value}


def _reaches_all(scope: Scope) -> bool:
    return scope.parties is None and scope.branches is None


def _code_of(number: int) -> str:
    try:
        return currency_by_number(number).code
    except YinheError:
        # A currency nobody knows: refused later, by the account's own; until then the general limits hold.
        return ""
