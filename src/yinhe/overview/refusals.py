"""Why something is not shown."""

from yinhe.kernel.refusals import ReasonEnum


class OverviewRefusal(ReasonEnum):
    """Why the overview does not answer."""

    PARTY_UNKNOWN = "there is no such party", "客户不存在"
    ACCOUNT_UNKNOWN = "there is no such account", "账户不存在"
    DATE_AHEAD = "the date lies ahead of the bank's business date", "日期晚于当前会计日期"
    PERIOD_REVERSED = "the period ends before it begins", "止期早于起期"
    STATEMENT_TOO_LONG = "the statement has too many lines; ask for a shorter period", "对账单行数过多，请缩短期间"
    CURSOR_MALFORMED = "the cursor is not one that a page was given with", "翻页标记无效"
    LIMIT_OUT_OF_BOUNDS = "the page's size is out of bounds", "每页条数超出范围"
    KINDS_EMPTY = "no kind of happening is asked for", "未指定事件类别"
