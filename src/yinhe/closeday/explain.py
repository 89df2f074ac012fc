"""Explains any cent: why a transaction's amounts are what they are, worked out again from journal and products.

A night's posting says by its id which step made it, on which date and for what. That step is run again, on the facts of
that night and nothing else, and must want the same posting; an interest leg of a service likewise. Where it wants
another, the books and their history contradict each other, and that is raised, not smoothed over.
"""

from typing import Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from yinhe.closeday.asleep import put_to_sleep
from yinhe.closeday.errors import ExplanationDiffers, NotExplained, TransactionUnknown
from yinhe.closeday.explain_fee import RECALLED
from yinhe.closeday.explain_interest import derive
from yinhe.closeday.explain_loan import explain_night_of_loans
from yinhe.closeday.explain_overdraft import explain_overdraft
from yinhe.closeday.explain_service import explain_service
from yinhe.closeday.explanation import Derivation, Explanation, Share
from yinhe.closeday.facts import NIGHT_CODES, Facts, Plan, Posting, by_value_date
from yinhe.closeday.identity import Origin, is_of, origin_of
from yinhe.closeday.legs import legs_of, words_of
from yinhe.closeday.past import Past
from yinhe.closeday.plan import LOAN_POSTINGS, OVERDRAFT_POSTINGS, AsOf, Step, step_of
from yinhe.closeday.rerun import Scene, run_through
from yinhe.closeday.steps import settle
from yinhe.closeday.stood import Begun, balances_of, begun_by, stood
from yinhe.deposits.book import Book
from yinhe.deposits.codes import TransferCode
from yinhe.kernel.currency import currency_by_number
from yinhe.kernel.dates import date_from_days
from yinhe.kernel.decimals import format_scaled
from yinhe.kernel.ids import split
from yinhe.ledger.batch import Flag
from yinhe.products.parts.base import Int64Column
from yinhe.products.parts.instalment import InterestMonthly
from yinhe.products.pricing import Reason

SHARES_MAX: Final = 20
"""Most contracts named of a posting for a whole product."""

_NIGHTLY: Final = (*NIGHT_CODES, TransferCode.INSTALMENT.code, TransferCode.STANDING_ORDER.code)
_AS_ORDERED: Final = {
    Posting.STANDING_ORDER: Reason(
        "A standing order asks for this amount each month.", "按客户定期代付约定的金额执行。"
    ),
    Posting.COLLECTION_RECALL: Reason(
        "What the account was short of for a loan that fell due came back from its linked product.",
        "账户余额不足以归还到期贷款的部分，由关联产品自动转回。",
    ),
}
"""What follows from what was asked that night, and is not worked out again."""
_SWEEP_IN: Final = TransferCode.SWEEP_IN.code
_BALANCING: Final = int(Flag.BALANCING_DEBIT | Flag.BALANCING_CREDIT)


def explain(past: Past, txn_id: UUID) -> Explanation:
    """Why a transaction's amounts are what they are.

    Raises TransactionUnknown; ExplanationDiffers when it comes out otherwise; NotExplained when a night's posting has
    no night; RateMissing and ProductUnknown when history lacks what the posting needs.
    """
    rows = past.transaction(txn_id)
    if not len(rows):
        raise TransactionUnknown(f"There is no transaction {txn_id}.")
    origin = origin_of(txn_id)
    if origin is None or origin.step not in set(Posting):
        return explain_service(past, txn_id, rows)
    date = origin.date(past.booked_on(int(rows["seq"][0])))
    night = past.nights.read(date)
    if night is None and not np.isin(rows["code"], _NIGHTLY).all():
        return explain_service(past, txn_id, rows)
    if night is None:
        raise NotExplained(f"Transaction {txn_id} looks like one of the close of {date_from_days(date)}, which is not.")
    if not is_of(txn_id, night.id_ms):
        return explain_service(past, txn_id, rows)
    posting = Posting(origin.step)
    if posting in LOAN_POSTINGS:
        return explain_night_of_loans(past, txn_id, rows, date, posting, origin)
    if posting in OVERDRAFT_POSTINGS:
        return explain_overdraft(past, txn_id, rows, date, posting, origin)
    if posting in _AS_ORDERED:
        return _ordered(past, txn_id, rows, date, _AS_ORDERED[posting])
    return _Night(past, txn_id, rows, date, posting, origin).explanation()


def _ordered(past: Past, txn_id: UUID, rows: NDArray[np.void], date: int, reason: Reason) -> Explanation:
    return Explanation(
        txn_id=txn_id,
        what=words_of(int(rows["code"][-1])),
        business_date=past.booked_on(int(rows["seq"][0])),
        night=date,
        currency=past.currency_of(int(rows["debit"][0])),
        legs=legs_of(rows),
        reasons=(reason, *_came_back(rows)),
        derived=False,
    )


def _came_back(rows: NDArray[np.void]) -> tuple[Reason, ...]:
    """Why money came back from a linked product with what a night moved (dtype ROW); nothing where none did."""
    return (RECALLED,) if len(rows) > 1 and rows["code"][0] == _SWEEP_IN else ()


class _Night:
    """One posting of a night, and the night run again as far as it takes."""

    def __init__(
        self, past: Past, txn_id: UUID, rows: NDArray[np.void], date: int, posting: Posting, origin: Origin
    ) -> None:
        self._past: Final = past
        self._txn_id: Final = txn_id
        came_back = _came_back(rows)
        self._legs: Final = rows
        self._came_back: Final = came_back
        # What came back with it follows from what was there, and is not worked out again.
        self._rows: Final = rows[len(came_back) :]
        self._date: Final = date
        self._posting: Final = posting
        self._key: Final = origin.key
        self._currency: Final = past.currency_of(int(rows["debit"][0]))
        self._known: Final = past.known_on(date)

    @property
    def _of_product(self) -> bool:
        return self._posting in (Posting.ACCRUAL, Posting.SETTLEMENT_REST)

    @property
    def _contract(self) -> int:
        """The contract the posting is for; a correction's key has the day beside it."""
        return self._key // 4_096 if self._posting is Posting.CORRECTION else self._key

    def _numbers(self) -> list[int]:
        if not self._of_product:
            return [self._contract]
        versions = [one.id for one in self._known.versions if one.product.number == self._key]
        return self._past.contracts_of(versions)

    def explanation(self) -> Explanation:
        """The night's step again, its posting compared, and the days behind it."""
        numbers = self._numbers()
        before = stood(self._past, numbers, self._date)
        if not len(before):
            raise NotExplained(f"Transaction {self._txn_id} is for contract {self._contract}, which is not there.")
        if self._posting in (Posting.ACCOUNT_FEE, Posting.UNCLAIMED):
            put_to_sleep(self._past, before, self._date)
        scene = self._scene(before.copy())
        facts, plan = run_through(scene, step_of(self._posting))
        self._compare(self._wanted(facts, plan))
        after = scene.book.rows[:]
        changes = after["whole"] - before["whole"]
        derivation = None if self._of_product else self._derivation(before)
        return Explanation(
            txn_id=self._txn_id,
            what=words_of(int(self._rows["code"][0])),
            business_date=self._past.booked_on(int(self._rows["seq"][0])),
            night=self._date,
            currency=self._currency,
            legs=legs_of(self._legs),
            derivation=derivation,
            shares=_largest(before["contract"], changes) if self._of_product else (),
            contracts=int((changes != 0).sum()) if self._of_product else 1,
            reasons=(*self._reasons(facts, before, derivation), *self._came_back),
        )

    # --- the night again

    def _scene(self, rows: NDArray[np.void]) -> Scene:
        past, date = self._past, self._date
        today = past.journal(_accounts(rows), date, date + 1).rows
        dated = today[today["flags"] & np.uint16(Flag.VALUE_DATED) != 0]
        moved = today[~np.isin(today["code"], NIGHT_CODES)]
        # What an account could not take is booked beside it.
        unclaimed = [account for (code, *_), account in past.pool_accounts.items() if code == settle.UNCLAIMED]
        read = np.concatenate([rows["account"], np.array(unclaimed, np.int32)]).astype(np.int32)
        night = past.nights.read(date)
        cutoff = past.seq_at_date(date) if night is None or night.cutoff_seq is None else night.cutoff_seq

        def balances(step: Step) -> Int64Column:
            begun = past.nights.read_step(date, step.name)
            as_of = cutoff if step.as_of is AsOf.CUT_OFF or begun is None else begun.as_of_seq
            if step.as_of is not AsOf.DAY_END:
                return balances_of(past, rows, as_of)
            at_end, since = balances_of(past, rows, cutoff), past.rows_of(_accounts(rows), cutoff + 1, as_of + 1)
            dated = since["flags"] & np.uint16(Flag.VALUE_DATED) != 0
            by_value_date(at_end, since[dated & (since["value_date"] <= date + 1)])
            return at_end

        def moved_by_customer() -> NDArray[np.bool_]:
            touched = np.zeros(int(_accounts(rows).max()) + 1, np.bool_)
            touched[np.intersect1d(_accounts(rows), np.concatenate([moved["debit"], moved["credit"]]))] = True
            return touched

        return Scene(
            date=date,
            id_ms=0 if night is None else night.id_ms,
            book=Book(rows),
            catalogue=self._known,
            rates=self._known.rates,
            pools=past.pools(),
            balances=balances,
            value_dated=dated,
            journal=lambda start: past.journal(read, start, date + 1),
            moved_by_customer=moved_by_customer,
            changes=lambda contracts: past.changes(contracts.tolist(), date),
        )

    def _wanted(self, facts: Facts, plan: Plan) -> NDArray[np.void]:
        """What the step wants under the transaction's id."""
        postings = plan.postings
        if self._posting is Posting.SETTLEMENT_UNCLAIMED:
            postings = settle.remedy(facts, postings)
        hi, lo = split(self._txn_id)
        return postings[(postings["txn_hi"] == np.uint64(hi)) & (postings["txn_lo"] == np.uint64(lo))]

    def _compare(self, wanted: NDArray[np.void]) -> None:
        """Each leg as the step wants it. Raises ExplanationDiffers."""
        posted = [(*_leg(row), int(row["reference" if row["flags"] & _BALANCING else "amount"])) for row in self._rows]
        again = [(*_leg(row), int(row["amount"])) for row in np.sort(wanted, order="leg")]
        if posted == again:
            return
        said = "nothing" if not again else ", ".join(self._said(*leg) for leg in again)
        raise ExplanationDiffers(
            f"Transaction {self._txn_id} posted {', '.join(self._said(*leg) for leg in posted)}; worked out again from "
            f"the journal and the products of {date_from_days(self._date)} it is {said}."
        )

    def _said(self, debit: int, credit: int, code: int, amount_minor: int) -> str:
        money = currency_by_number(self._currency)
        what = words_of(code).english.lower()
        return f"{format_scaled(amount_minor, money.scale)} {money.code} of {what} from {debit} to {credit}"

    # --- the days behind it

    def _derivation(self, before: NDArray[np.void]) -> Derivation | None:
        match self._posting:
            case Posting.SETTLEMENT | Posting.SETTLEMENT_UNCLAIMED:
                found = derive(self._past, self._begun(self._date), self._date + 1, self._date, self._date)
                product = self._known.in_force(int(before["version"][0]), self._date)
                if found is not None and product.one(InterestMonthly) is None:
                    self._check_sum(max(0, found.amount_minor))
                return found
            case Posting.CORRECTION:
                day = self._correction_day()
                return derive(self._past, self._begun(day), day + 1, self._date, self._date)
            case _:
                return None

    def _begun(self, date: int) -> Begun:
        return begun_by(self._past, [self._contract], date)

    def _correction_day(self) -> int:
        """The last day the corrected settlement pays for: the night's date, or the last before it that fits the key."""
        return self._date - (self._date - self._key % 4_096) % 4_096

    def _check_sum(self, amount_minor: int) -> None:
        interest = self._rows[self._rows["code"] == TransferCode.INTEREST.code]
        if int(interest["amount"].sum()) != amount_minor:
            raise ExplanationDiffers(
                f"Transaction {self._txn_id} posted {int(interest['amount'].sum())} minor units of interest; its days "
                f"add up to {amount_minor}."
            )

    def _reasons(self, facts: Facts, before: NDArray[np.void], derivation: Derivation | None) -> tuple[Reason, ...]:
        product = facts.product(int(before["version"][0]))
        match self._posting:
            case Posting.CORRECTION if derivation is not None:
                return (self._correction_reason(derivation),)
            case Posting.SETTLEMENT if product.one(InterestMonthly) is not None:
                parts = product.all(InterestMonthly)
            case _:
                kinds = {
                    "settle": "settlement tax",
                    "mature": "renewal",
                    "instalments": "instalment",
                    "fees": "fee",
                    "sweep": "sweep",
                    "dormancy": "dormancy",
                }
                wanted = kinds.get(step_of(self._posting), "").split()
                parts = tuple(part for part in product.parts if part.kind.value in wanted)
        texts = [part.text() for part in parts]
        return tuple(Reason(english, chinese) for english, chinese in texts if english)

    def _correction_reason(self, derivation: Derivation) -> Reason:
        money = currency_by_number(self._currency)
        due, posted = derivation.amount_minor, derivation.amount_minor - self._signed()
        day = date_from_days(self._correction_day())
        due_text, posted_text = format_scaled(due, money.scale), format_scaled(posted, money.scale)
        return Reason(
            f"With what is known now the settlement of {day} should have paid {due_text}; it had paid {posted_text}.",
            f"按现已掌握的情况，{day}结息应付{due_text}，当时已付{posted_text}。",
        )

    def _signed(self) -> int:
        """What the correction gives the contract: below zero where it takes back."""
        account = int(self._past.contracts([self._contract])["account"][0])
        row = self._rows[self._rows["code"] == TransferCode.INTEREST_CORRECTION.code][0]
        return int(row["amount"]) if int(row["credit"]) == account else -int(row["amount"])


def _accounts(rows: NDArray[np.void]) -> NDArray[np.int32]:
    """The accounts of contracts and those linked to them."""
    return np.unique(np.concatenate([rows["account"], rows["linked"][rows["linked"] != 0]])).astype(np.int32)


def _leg(row: np.void) -> tuple[int, int, int]:
    return int(row["debit"]), int(row["credit"]), int(row["code"])


def _largest(contracts: Int64Column, changes: Int64Column) -> tuple[Share, ...]:
    order = np.argsort(-np.abs(changes), kind="stable")[:SHARES_MAX]
    return tuple(Share(int(contracts[at]), int(changes[at])) for at in order.tolist() if changes[at])
