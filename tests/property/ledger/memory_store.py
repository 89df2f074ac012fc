"""A store that keeps what the engine hands it in lists and dictionaries, and gives it back as PostgreSQL would."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
import numpy as np
from numpy.typing import NDArray

from yinhe.ledger.batch import Flag
from yinhe.ledger.columns import ACCOUNT_PAGE, BALANCE_PAGE
from yinhe.ledger.holds import HOLD, HOLD_OPEN
from yinhe.ledger.memory import ROW
from yinhe.ledger.store import BalancePass, Block, Recovered, Segment

HOLD_STORED = ("seq", "debit", "credit", "remaining", "expires_at", "placed_on")
"""What the store keeps of an open hold; where it stands in memory is the engine's affair."""


class MemoryStore:
    """One unit's durable side; a pass may be cut short after `pages_written` pages, before its holds and its note."""

    def __init__(self, business_date: int, segment_rows: int) -> None:
        self.business_date = business_date
        self.segment_rows = segment_rows
        self.blocks: list[Block] = []
        self.known_segments: list[Segment] = []
        self.accounts: dict[int, np.void] = {}
        self.balances: dict[int, np.void] = {}
        self.holds: dict[int, np.void] = {}
        self.pass_seq = 0

    # --- writing

    def acquire(self) -> None:
        pass

    def append(self, block: Block) -> None:
        end = self.known_segments[-1].end_seq if self.known_segments else 1
        while end <= block.last_seq:
            self.known_segments.append(
                Segment(len(self.known_segments) + 1, end, end + self.segment_rows, sealed=False)
            )
            end += self.segment_rows
        self.blocks.append(block)
        for effect in block.effects:
            self.accounts |= {int(page["page"]): page.copy() for page in effect.pages}
            self.business_date = effect.body.get("business_date", self.business_date)

    def write_pass(self, balances: BalancePass, *, pages_written: int | None = None) -> None:
        for page in balances.pages[:pages_written]:
            known = self.balances.get(int(page["page"]))
            if known is None or known["as_of_seq"] < page["as_of_seq"]:
                self.balances[int(page["page"])] = page.copy()
        if pages_written is not None:
            return
        for hold in balances.holds:
            self.holds.pop(int(hold["seq"]), None)
            if hold["state"] == HOLD_OPEN:
                self.holds[int(hold["seq"])] = hold[list(HOLD_STORED)].copy()
        self.pass_seq = max(self.pass_seq, balances.as_of_seq)

    def seal(self, segment: Segment) -> Segment:
        rows = self.rows()
        inside = rows[(rows["seq"] >= segment.first_seq) & (rows["seq"] < segment.end_seq)]["txn_hi"]
        ids = (int(inside.min()), int(inside.max())) if len(inside) else (0, 0)
        sealed = msgspec.structs.replace(segment, sealed=True, id_first=ids[0], id_last=ids[1])
        self.known_segments[segment.number - 1] = sealed
        return sealed

    # --- reading

    def rows(self) -> NDArray[np.void]:
        return np.concatenate([np.zeros(0, ROW), *(block.rows for block in self.blocks)])

    def segments(self) -> Sequence[Segment]:
        return tuple(self.known_segments)

    def find_transactions(
        self, hi: NDArray[np.uint64], lo: NDArray[np.uint64], segments: Sequence[int]
    ) -> NDArray[np.void]:
        rows = self.rows()
        wanted = set(zip(hi.tolist(), lo.tolist(), strict=True))
        inside = np.isin((rows["seq"] - 1) // self.segment_rows + 1, list(segments))
        ids = zip(rows["txn_hi"].tolist(), rows["txn_lo"].tolist(), strict=True)
        return rows[inside & np.array([pair in wanted for pair in ids], bool)]

    def find_hold_rows(self, debit: int, seq: int, before_seq: int) -> NDArray[np.void]:
        rows = self.rows()
        about = (rows["seq"] == seq) | (
            (rows["reference"] == seq) & (rows["flags"] & np.uint16(Flag.POST | Flag.VOID) != 0)
        )
        return rows[(rows["debit"] == debit) & (rows["seq"] >= seq) & (rows["seq"] < before_seq) & about]

    def find_request(self, request_id: UUID) -> tuple[int, int, int] | None:
        for block in self.blocks:
            for effect in block.effects:
                if effect.request_id == request_id:
                    return effect.seq, effect.digest, effect.first_account
        return None

    def load(self) -> Recovered:
        ends = [segment.end_seq for segment in self.known_segments]
        unsealed = [segment.first_seq for segment in self.known_segments if not segment.sealed]
        unsealed_seq = unsealed[0] if unsealed else (ends[-1] if ends else 1)
        last = self.blocks[-1] if self.blocks else None
        booked_at = last.booked_at if last else 0
        rows = self.rows()
        dates = np.array([block.business_date for block in self.blocks], np.int32)
        rows_date = np.repeat(dates, [len(block.rows) for block in self.blocks])
        since = rows["seq"] >= min(self.pass_seq + 1, unsealed_seq)
        return Recovered(
            unit=1,
            segment_rows=self.segment_rows,
            business_date=self.business_date,
            last_seq=last.last_seq if last else 0,
            booked_at=booked_at,
            accounts=np.array([self.accounts[page] for page in sorted(self.accounts)], ACCOUNT_PAGE),
            balances=np.array([self.balances[page] for page in sorted(self.balances)], BALANCE_PAGE),
            holds=self._open_holds(),
            pass_seq=self.pass_seq,
            rows=rows[since],
            rows_date=rows_date[since],
            unsealed_seq=unsealed_seq,
            unsealed_booked_at=next((b.booked_at for b in self.blocks if b.last_seq >= unsealed_seq), booked_at),
            segments=tuple(self.known_segments),
            checkpoints={},
        )

    def _open_holds(self) -> NDArray[np.void]:
        holds = np.zeros(len(self.holds), HOLD)
        for hold, stored in zip(holds, self.holds.values(), strict=True):
            for name in HOLD_STORED:
                hold[name] = stored[name]
        holds["state"] = HOLD_OPEN
        holds["changed_seq"] = holds["seq"]
        return holds

    def close(self) -> None:
        pass
