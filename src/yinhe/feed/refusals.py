"""Why the feed refuses."""

from yinhe.kernel.refusals import ReasonEnum


class FeedRefusal(ReasonEnum):
    """What is wrong with what was asked of the feed."""

    CURSOR_UNKNOWN = "this cursor was not given out by this feed", "游标无效"
    TYPE_MALFORMED = "a type of event is lower-case words joined by points", "事件类型格式不正确"
    TYPES_TOO_MANY = "too many types of events are named", "事件类型过多"
    URL_MALFORMED = "this is no web address", "网址格式不正确"
    URL_NOT_HTTPS = "an address must begin with https://, or lie on this machine", "网址须使用https"
    URL_WITH_SECRET = "an address carries no user, password or fragment", "网址不得含用户名、密码或片段"
    ADDRESS_FORBIDDEN = "this address is not reachable from outside the bank, and not allowed", "目标地址不允许"
    ADDRESS_UNKNOWN = "this name has no address", "域名无法解析"
    WEBHOOK_UNKNOWN = "there is no such webhook", "推送不存在"
    WEBHOOK_REMOVED = "this webhook was removed", "推送已删除"
    WEBHOOKS_TOO_MANY = "there are as many webhooks as are allowed", "推送数量已达上限"
    DEAD_UNKNOWN = "there is nothing given up under this number", "死信不存在"
    BATCH_OUT_OF_BOUNDS = "a delivery holds 1 to 100 events", "每次推送的事件数应为1至100"
    OVERLAP_OUT_OF_BOUNDS = "the old secret is kept for 0 to 7 days", "旧密钥保留时间应为0至7天"
