"""What a command of many amounts weighs: the currency in which it needs most is the one limits and rules look at."""

from collections.abc import Mapping

from yinhe.access.deciding import within
from yinhe.api.call import Call
from yinhe.api.route import Weight


def heaviest(call: Call, sums: Mapping[str, int]) -> Weight:
    """The sum, of several by currency code in minor units, that decides.

    One that is over a limit of whoever asks; else one that needs a second person; else the largest.
    """
    largest_first = sorted(sums.items(), key=lambda one: one[1], reverse=True)
    for code, amount_minor in largest_first:
        if within(call.principal.limits_in(code), amount_minor) is not None:
            return Weight(amount_minor, code, sums)
    rules = call.bank.identity.rules
    for code, amount_minor in largest_first:
        if rules.needed(call.action, amount_minor, code, call.principal) is not None:
            return Weight(amount_minor, code, sums)
    return Weight(largest_first[0][1], largest_first[0][0], sums) if largest_first else Weight()
