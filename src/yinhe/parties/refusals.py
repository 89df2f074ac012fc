"""Why something about a party is refused: values, each with a sentence in English and Chinese."""

from enum import unique

from yinhe.kernel.refusals import ReasonEnum


@unique
class PartyRefusal(ReasonEnum):
    """What parties refuse; the detail names a field, a bound or a party's number, never what was typed."""

    PARTY_UNKNOWN = "there is no such party", "客户不存在"
    PARTY_CLOSED = "the party is closed", "客户已注销"
    VERSION_DIFFERS = "the party was changed meanwhile", "客户信息已被他人修改"
    NOTHING_ASKED = "nothing is to be changed", "未提出任何变更"
    TOO_MANY = "there are more of them than one party may have", "数量超过单个客户上限"

    TEXT_EMPTY = "nothing is written there", "内容为空"
    TEXT_TOO_LONG = "the text is too long", "内容过长"
    TEXT_INVISIBLE = (
        "the text has characters that cannot be seen or that turn its direction",
        "含有不可见或改变方向的字符",
    )
    TEXT_CHARACTER = "the text has a character that does not belong there", "含有不允许的字符"
    TEXT_SCRIPTS_MIXED = "one word mixes scripts whose letters look alike", "同一词中混用易混淆的文字"
    CODE_MALFORMED = "the code is not lower-case letters, digits and underscores", "代码格式有误"

    COUNTRY_UNKNOWN = "this is no country code of ISO 3166-1", "国家代码不存在"
    IDENTIFIER_KIND = "a party of this kind has no such identifier", "该类客户不使用此类证件"
    IDENTIFIER_COUNTRY = "this identifier is of another country", "证件与国家不符"
    IDENTIFIER_LENGTH = "the identifier has the wrong length", "证件号码位数有误"
    IDENTIFIER_FORMAT = "the identifier has a character in a place where none such stands", "证件号码格式有误"
    IDENTIFIER_CHECKSUM = "the identifier's check digit is wrong", "证件号码校验位有误"
    IDENTIFIER_PLACE = "the identifier names a place that never was", "证件号码中的地区代码不存在"
    IDENTIFIER_DATE = "the identifier names a date of birth that cannot be", "证件号码中的出生日期有误"
    IDENTIFIER_EXPIRY_MISSING = "it must be said when the identifier expires", "须填写证件有效期"
    IDENTIFIER_TAKEN = "another party has this identifier", "该证件已属于其他客户"
    IDENTIFIER_SINGLE = (
        "a party has one identifier of this kind; the other must be ended first",
        "该类证件只能有一个，请先终止原证件",
    )
    IDENTIFIER_UNVERIFIED = "no identifier that still holds has been verified", "无有效且已核实的证件"
    EXPIRED = "it has expired", "已过有效期"
    BIRTH_DATE_UNLIKELY = "the date of birth lies in the future or too far back", "出生日期不合理"
    BIRTH_DATE_DIFFERS = "the date of birth is another than the citizen's number says", "出生日期与证件号码不符"
    CONTACT_MALFORMED = "this is no address or number of its kind", "联系方式格式有误"
    DATE_IN_FUTURE = "the date lies in the future", "日期不能晚于当日"
    DIGEST_MALFORMED = "a SHA-256 digest is 64 hexadecimal digits", "摘要应为64位十六进制数"

    ITEM_UNKNOWN = "the party has no such entry", "客户无此项信息"
    ITEM_ENDED = "the entry has ended", "该项信息已失效"
    NAME_MISSING = "a party has at least one legal name", "客户须至少有一个法定名称"
    DUPLICATE_PROBABLE = "a party on file is probably the same; say that it was looked at", "疑似已有客户，请核对后确认"

    TIER_OUT_OF_BOUNDS = "a tier is a number from 0 to 99", "客户等级应为0至99"
    RISK_PROHIBITED = "the bank does no business with this party", "该客户属禁止类，不得办理业务"
    REVIEW_NOT_AHEAD = "the next review lies after today", "下次审核日期应晚于当日"
    REVIEW_TOO_LATE = "the next review is too far off for this rating", "下次审核日期超过该风险等级的最长期限"
    NOT_A_CUSTOMER = "the party is no customer", "该客户尚非正式客户"
    MOVE_UNLAWFUL = "a party does not go from its state to that one", "客户状态不允许此变更"
    CONTRACTS_OPEN = "the party still has open contracts", "客户尚有未结清的合约"

    RELATION_TO_ITSELF = "a party is not related to itself", "不能与自身建立关系"
    RELATION_KIND = "parties of these kinds do not stand in this relation", "该类客户之间不存在此关系"
    RELATION_KNOWN = "this relation is on file", "该关系已存在"
    RELATION_SINGLE = "there can be one such relation at a time", "同一时间只能有一个该类关系"
    RELATION_CIRCULAR = "the relation would lead back to the party it begins with", "关系形成循环"
    RELATION_UNKNOWN = "the party has no such relation, or it has ended", "关系不存在或已终止"
    RELATION_ENDS_EARLY = "a relation ends no earlier than it began", "终止日期不能早于开始日期"
    SHARE_MISSING = "it must be said how large the share is", "须填写持股比例"
    SHARE_NOT_ASKED = "this relation has no share", "该关系无持股比例"
    SHARE_OUT_OF_BOUNDS = "a share is more than nothing and at most 100 %", "持股比例应大于零且不超过百分之百"
    SHARES_OVER_ALL = "the shares together would be more than 100 %", "持股比例合计超过百分之百"

    MERGE_WITH_ITSELF = "the two are one party already", "两者已是同一客户"
    MERGE_KINDS = "a person and an organisation are never one", "个人与机构不能归并"
    MERGE_CONTRADICTS = "what is known of the two contradicts itself", "两者信息相互矛盾"
    MERGE_DIRECTION = "the party that remains is the one with business; merge the other way round", "应保留有业务的客户"
    MERGE_UNKNOWN = "this party was not merged", "该客户未被归并"
    MERGE_NOT_LAST = "the party it was merged into was merged itself since; undo that first", "须先撤销其后的归并"

    PURPOSE_MISSING = "personal data is shown in the clear for a stated purpose only", "查看敏感信息须说明用途"
    AUTHOR_MISSING = "personal data is shown in the clear to somebody known only", "查看敏感信息须有经办人"
