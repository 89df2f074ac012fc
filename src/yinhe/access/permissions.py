"""The closed list of permissions; whatever is not granted is denied."""

from enum import StrEnum, unique


@unique
class Permission(StrEnum):
    """One thing a principal may do; a member is declared as (name, English, Chinese)."""

    english: str
    chinese: str

    def __new__(cls, value: str, english: str, chinese: str) -> "Permission":
        """Make a member that is its name."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.english, member.chinese = english, chinese
        return member

    PARTY_READ = "party:read", "see parties, personal data masked", "查询客户（脱敏）"
    PARTY_PERSONAL = "party:personal", "see personal data in the clear, its purpose on record", "查询客户敏感信息"
    PARTY_WRITE = "party:write", "open and change parties", "客户开立与维护"
    PARTY_RISK = "party:risk", "set risk ratings, verify, close and reopen parties", "客户风险评级与状态管理"
    PARTY_MERGE = "party:merge", "merge parties that are one, and undo it", "客户归并与撤销"

    CONTRACT_READ = "contract:read", "see contracts, accounts, balances and statements", "查询合约、账户与流水"
    CONTRACT_OPEN = "contract:open", "open contracts", "开立合约"
    CONTRACT_SERVE = "contract:serve", "pay in, draw, give notice, close, standing orders", "合约存取、通知、销户与代付"
    CONTRACT_AMEND = "contract:amend", "amend and transfer contracts, negotiate rates", "合约变更与转让"

    TRANSFER_POST = "transfer:post", "transfer money between accounts", "转账"
    TRANSFER_REVERSE = "transfer:reverse", "take a transfer back", "冲正"
    HOLD_PLACE = "hold:place", "hold money, release and post holds", "冻结、解冻与预授权完成"
    ACCOUNT_CONTROL = "account:control", "block accounts, set their limits", "账户止付与限额"

    LOAN_READ = "loan:read", "see loans and schedules", "查询贷款"
    LOAN_AGREE = "loan:agree", "agree on loans", "贷款签约"
    LOAN_SERVE = "loan:serve", "draw and repay loans", "贷款支用与还款"
    LOAN_ARRANGE = "loan:arrange", "arrange loans anew, block, write off, recover", "贷款重组、止付、核销与收回"

    PAYMENT_READ = "payment:read", "see payments and their results", "查询支付"
    PAYMENT_SEND = "payment:send", "send payments and payment files", "支付指令与批量文件"
    PAYMENT_RECEIVE = "payment:receive", "take in files of the clearing, resolve suspense", "清算来账与挂账处理"

    PRODUCT_READ = "product:read", "see products, rates, and simulate", "查询产品与试算"
    PRODUCT_WRITE = "product:write", "draft and check product versions", "产品起草与检查"
    PRODUCT_APPROVE = (
        "product:approve",
        "approve, publish and withdraw product versions, set rates",
        "产品审批、发布与利率维护",
    )

    NIGHT_READ = "night:read", "see the close of days and the books", "查询日终与总账"
    NIGHT_RUN = "night:run", "close days", "执行日终"

    OWN_SECRET = "own:secret", "change one's own secrets; everyone has it", "修改本人密码"
    APPROVE = "approval:decide", "approve or turn down what waits for a second person", "复核"
    AUDIT_READ = "audit:read", "read the log of acts", "查询审计日志"
    EVENT_READ = "event:read", "read the feed of events", "订阅事件"
    WEBHOOK_WRITE = "webhook:write", "have events sent to an address", "维护事件推送"
    ACCESS_READ = "access:read", "see users, clients and roles", "查询用户与角色"
    ACCESS_WRITE = "access:write", "make users, clients and roles, and change them", "维护用户与角色"
    BREAK_GLASS = "access:break-glass", "take every permission in an emergency, with an alarm", "应急授权"
    OPERATE = "operation:read", "see metrics and the state of the service", "查看运行指标"
