"""What was done to a party, out of the log of acts; personal data in it is sealed and opened only where asked."""

from collections.abc import Sequence
from typing import Any

import msgspec

from yinhe.parties.reading import PAGE_MAX
from yinhe.parties.sealing import opened
from yinhe.parties.store import PartyBook
from yinhe.parties.views import Act

_NEWEST = 2**63 - 1


def read_acts(
    book: PartyBook, numbers: Sequence[int], before: int | None, limit: int, *, clear: bool
) -> tuple[Act, ...]:
    """Acts on any of some parties, the newest first, numbered below `before`."""
    found = book.rows(
        "history_page", numbers=list(numbers), before=before or _NEWEST, limit=max(1, min(limit, PAGE_MAX))
    )
    vault = book.vault if clear else None
    acts: list[Act] = []
    for number, at, action, actor, outcome, content in found:
        kept: dict[str, Any] = msgspec.json.decode(content)
        acts.append(
            Act(
                number=number,
                at=at,
                action=action,
                actor=actor,
                outcome=outcome,
                why=str(kept.get("why", "")),
                before=opened(kept.get("before"), vault),
                after=opened(kept.get("after"), vault),
            )
        )
    return tuple(acts)
