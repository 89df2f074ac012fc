"""Why something is not allowed, or a change of who may do what is not made."""

from enum import unique

from yinhe.kernel.refusals import ReasonEnum


@unique
class AccessRefusal(ReasonEnum):
    """The closed list of reasons of access."""

    NOT_PERMITTED = "this permission was not granted", "未授予该权限"
    SECRET_MUST_CHANGE = "the one-time secret must be changed first", "须先修改一次性密码"
    OVER_SINGLE_LIMIT = "the amount is over the limit for one command", "超过单笔授权限额"
    OVER_DAILY_LIMIT = "the amount is over what is left of the limit for the day", "超过当日累计授权限额"

    PRINCIPAL_UNKNOWN = "there is no such user or client", "用户或客户端不存在"
    NAME_TAKEN = "the name is taken", "名称已被使用"
    NAME_MALFORMED = (
        "a name has 2 to 40 small letters, digits, points and hyphens, and begins with a letter",
        "名称须为2至40个小写字母、数字、点或连字符，以字母开头",
    )
    TEXT_MALFORMED = "a text is missing, too long, or has control characters", "文字缺失、过长或含控制字符"
    ROLE_UNKNOWN = "there is no such role", "角色不存在"
    ROLE_IN_USE = "someone still has the role", "角色仍在使用"
    ROLES_TOO_MANY = "too many roles", "角色过多"
    LIMITS_MALFORMED = "limits are amounts from 0 up, by currency", "限额须按币种设定且不小于零"
    SCOPE_TOO_LARGE = "the scope names too many objects", "范围过大"
    DUTIES_NOT_SEPARATE = "one principal may not have both permissions", "权限互斥，须职责分离"
    OWN_ACCESS = "nobody changes what they themselves may do", "不得变更本人权限"

    RULE_MALFORMED = "the rule does not read", "复核规则无效"
    RULE_UNKNOWN = "there is no such rule", "复核规则不存在"
    RULES_TOO_MANY = "too many rules", "复核规则过多"
    APPROVAL_UNKNOWN = "nothing waits under this id", "待复核事项不存在"
    APPROVAL_KNOWN = "something was put under this id before", "该编号已提交复核"
    APPROVAL_TOO_LARGE = "the command is too large to wait for a second person", "待复核内容过大"
    APPROVALS_TOO_MANY = "too many commands of this maker wait", "该经办人待复核事项过多"
    OWN_COMMAND = "nobody decides on what they made themselves", "不得复核本人经办事项"
    NOT_THE_MAKER = "only its maker may withdraw it", "仅经办人可撤回"
    ALREADY_DECIDED = "this was decided before", "该事项已复核"
    APPROVAL_EXPIRED = "it waited too long and has expired", "该事项已过期"
    NOT_APPROVED = "it was not approved, or is finished", "该事项未获批准或已完成"
    MAKER_NO_LONGER_MAY = "its maker may no longer do this", "经办人已无该权限"

    EMERGENCY_OPEN = "break-glass is open already", "应急授权已生效"
    EMERGENCY_UNKNOWN = "there is no such emergency", "应急授权不存在"
    EMERGENCY_TOO_LONG = "break-glass lasts 1 to 60 minutes", "应急授权时限为1至60分钟"
    EMERGENCY_NOT_OPEN = "break-glass is not open", "应急授权未生效"
    EMERGENCY_RUNS = "it can be reviewed once it has ended", "应急授权结束后方可复查"
    OWN_EMERGENCY = "another user has to review it", "须由他人复查"
    ALREADY_REVIEWED = "it was reviewed before", "该应急授权已复查"
    USERS_ONLY = "this is for users alone", "仅限用户"
