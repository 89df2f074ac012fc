"""Why a proof of who somebody is was not taken."""

from enum import unique

from yinhe.kernel.refusals import ReasonEnum


@unique
class IdentityRefusal(ReasonEnum):
    """The closed list of reasons of identity."""

    SECRET_WRONG = "name or password is wrong", "用户名或密码错误"
    CODE_NEEDED = "a code of the second factor is needed", "需要动态验证码"
    CODE_WRONG = "the code is wrong or was used", "动态验证码错误或已使用"
    TRY_LATER = "too many failures; try again later", "失败次数过多，请稍后再试"
    BUSY = "too many are proving who they are; try again shortly", "认证繁忙，请稍后再试"

    PASSWORD_TOO_SHORT = "a password has at least 12 characters", "密码至少12个字符"
    PASSWORD_TOO_LONG = "a password has at most 128 characters", "密码最多128个字符"
    PASSWORD_COMMON = "the password is one of the first that would be tried", "密码过于常见"
    PASSWORD_HAS_NAME = "the password contains the user's name", "密码不得包含用户名"
    PASSWORD_UNCHANGED = "the password is the one before", "新密码与原密码相同"
    FACTOR_ALREADY = "a second factor is in force already", "已启用动态验证码"
    FACTOR_NOT_BEGUN = "no second factor waits to be confirmed", "尚未开始绑定动态验证码"
    FACTOR_NOT_THERE = "there is no second factor", "未启用动态验证码"

    CLIENT_WRONG = "client or secret is wrong", "客户端或密钥错误"
    CERTIFICATE_WRONG = "the certificate of the connection is not the client's", "连接证书与客户端登记不符"
    CERTIFICATE_MALFORMED = (
        "a certificate is named by the base64url of its SHA-256, 43 characters",
        "证书指纹须为SHA-256的base64url编码",
    )
    SCOPE_NOT_GRANTED = "the scope asks for more than was granted", "申请的权限超出授权"
    SECRETS_TOO_MANY = "two secrets are in force; end one first", "已有两个有效密钥，请先停用一个"
    LAST_SECRET = "the last secret is ended by disabling the client", "最后一个密钥请以停用客户端方式停用"
    CHANNEL_MALFORMED = "a channel has 1 to 20 small letters and hyphens", "渠道须为1至20个小写字母或连字符"
    FIRST_ALREADY = "the bank has users already", "已存在用户"
    SETTING_OWN = "nobody disables themselves", "不得停用本人"

    TOKEN_MISSING = "no token was given", "缺少令牌"
    TOKEN_MALFORMED = "the token does not read", "令牌格式错误"
    TOKEN_ALGORITHM = "the token is not signed as this bank signs", "令牌签名算法不受支持"
    TOKEN_KEY_UNKNOWN = "the token is signed with a key this bank does not have", "令牌签名密钥未知"
    TOKEN_FORGED = "the token's signature is wrong", "令牌签名无效"
    TOKEN_ISSUER = "the token is another issuer's", "令牌签发方不符"
    TOKEN_AUDIENCE = "the token is for another audience", "令牌受众不符"
    TOKEN_EXPIRED = "the token has expired", "令牌已过期"
    TOKEN_TOO_EARLY = "the token is not valid yet", "令牌尚未生效"
    TOKEN_CERTIFICATE = "the token is bound to another certificate", "令牌绑定的证书不符"
    SUBJECT_DISABLED = "the user or client is disabled or gone", "用户或客户端已停用"
    SESSION_ENDED = "the session has ended", "会话已结束"
    REFRESH_UNKNOWN = "the refresh token is not known", "刷新令牌无效"
    REFRESH_REUSED = "the refresh token was used before; the session was ended", "刷新令牌重复使用，会话已终止"
