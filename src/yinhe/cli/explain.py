"""yinhe explain: why a posting has the amount it has."""

from types import MappingProxyType
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
import typer
from rich.console import RenderableType

from yinhe.bootstrap import open_past
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import Output, amount, facts, table, titled
from yinhe.closeday.explain import explain as explain_transaction
from yinhe.closeday.explanation import Derivation, Explanation
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.rates import Rate, format_rate
from yinhe.kernel.rounding import Rounding
from yinhe.products.pricing import Reason


def explain(
    txn: Annotated[UUID, typer.Argument(metavar="TXN", help="Its id, as `yinhe statement --json` shows it.")],
    chinese: Annotated[bool, typer.Option("--chinese", help="In Chinese.")] = False,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Explain a posting: days, balances, rates and where they came from, the remainder, the rounding.

    Everything is worked out again from the journal and the history of products, as known on the night that posted
    it. Exits with 1 when that does not give the amount posted. Reads only; an engine may be running.

    For example:

    $ yinhe explain 0199b3a1-2c00-7a5b-b140-00000000002a
    """
    with open_past(configured(home, database_url, unit)) as past:
        found = explain_transaction(past, txn)
    Output(as_json).show(_told(found), *explanation_pages(found, chinese))


def _told(found: Explanation) -> dict[str, Any]:
    return msgspec.to_builtins(found)


def explanation_pages(found: Explanation, chinese: bool) -> list[RenderableType]:
    """What people see of an explanation, in English or in Chinese."""

    def words(reason: Reason) -> str:
        return reason.chinese if chinese else reason.english

    what, debit, credit = (_head(word, chinese) for word in ("What", "Debit", "Credit"))
    money_head, dated = _head("Amount", chinese), _head("Value date", chinese)
    legs = table("Seq", what, debit, credit, money_head, dated, right=frozenset({"Seq", money_head}))
    for leg in found.legs:
        money = amount(leg.amount_minor, found.currency)
        accounts = f"{leg.debit}", f"{leg.credit}"
        legs.add_row(f"{leg.seq:,}", words(leg.what), *accounts, money, str(date_from_days(leg.value_date)))
    pages: list[RenderableType] = [titled(f"{words(found.what)}{_booked(found, chinese)}", legs)]
    if found.derivation is not None:
        pages += _derived(found.derivation, found.currency, chinese)
    if found.shares:
        contract, share_head = _head("Contract", chinese), _head("Share", chinese)
        shares = table(contract, share_head, right=frozenset({contract, share_head}))
        for share in found.shares:
            shares.add_row(f"{share.contract:,}", amount(share.amount_minor, found.currency))
        title = (
            f"共{found.contracts:,}份合约，金额最大者"
            if chinese
            else f"From {found.contracts:,} contracts, the largest"
        )
        pages.append(titled(title, shares))
    if found.reasons:
        pages.append("\n".join(f" {words(reason)}" for reason in found.reasons))
    return pages


_CHINESE: Final = MappingProxyType(
    {
        "What": "事由",
        "Debit": "借方账户",
        "Credit": "贷方账户",
        "Amount": "金额",
        "Value date": "起息日",
        "Contract": "合约",
        "Share": "份额",
        "From": "起",
        "To": "止",
        "Days": "天数",
        "Balance": "余额",
        "Rates": "利率",
        "Product": "产品",
        "Earned": "利息",
        "Sum": "合计",
        "Brought forward": "上期结转",
        "Together": "累计",
        "Rounded": "舍入",
    }
)


def _head(word: str, chinese: bool) -> str:
    return _CHINESE[word] if chinese else word


def _booked(found: Explanation, chinese: bool) -> str:
    booked = date_from_days(found.business_date)
    night = None if found.night is None else date_from_days(found.night)
    if chinese:
        return f"，{booked}入账" + ("" if night is None else f"，由{night}日终产生")
    return f", booked {booked}" + ("" if night is None else f", posted by the close of {night}")


def _derived(derivation: Derivation, currency: int, chinese: bool) -> list[RenderableType]:
    names = ("From", "To", "Days", "Balance", "Rates", "Product", "Earned")
    heads = [_head(name, chinese) for name in names]
    spans = table(*heads, right=frozenset({_head("Days", chinese), _head("Balance", chinese)}))
    # Where a rate came from is long: it gives way first on a narrow screen.
    spans.columns[heads.index(_head("Rates", chinese))].no_wrap = False
    for span in derivation.spans:
        rates = "; ".join(
            f"{format_rate(Rate(used.rate))} ({used.source.chinese if chinese else used.source.english})"
            for used in span.rates
        )
        spans.add_row(
            str(date_from_days(span.start)),
            str(date_from_days(span.end - 1)),
            f"{span.days:,}",
            amount(span.balance_minor, currency),
            rates,
            span.product,
            f"{span.whole:,} + {span.remainder:,}/D",
        )
    unit = "分" if chinese else " minor units"
    rounding = _ROUNDING[derivation.rounding] if chinese else derivation.rounding.value.replace("_", " ")
    pairs = {
        "Brought forward": f"{derivation.brought_whole:,} + {derivation.brought_remainder:,}/D",
        "Together": f"{derivation.whole:,} + {derivation.remainder:,}/D{unit}, D = {derivation.base:,}",
        "Rounded": f"{rounding}: {amount(derivation.amount_minor, currency)}",
    }
    title = f"{_head('Contract', chinese)} {derivation.contract}"
    told = {_head(name, chinese): value for name, value in pairs.items()}
    return [titled(title, spans), facts(_head("Sum", chinese), told)]


_ROUNDING: Final = MappingProxyType(
    {
        Rounding.HALF_UP: "四舍五入",
        Rounding.HALF_EVEN: "四舍六入五成双",
        Rounding.DOWN: "舍去",
        Rounding.UP: "进位",
        Rounding.FLOOR: "向下取整",
        Rounding.CEILING: "向上取整",
    }
)
