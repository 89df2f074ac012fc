"""Problems as RFC 9457 has them: which HTTP status a refusal has, and the document that tells it.

This is the one place that knows statuses. A refusal's code is its name in the catalogue of its organ and never changes;
its reasons stand in English and Chinese.
"""

from typing import Any, Final

import msgspec

from yinhe.api.route import RefusalLike
from yinhe.kernel.refusals import ReasonEnum

MEDIA: Final = "application/problem+json"
TYPE_PREFIX: Final = "urn:yinhe:problem:"


class HttpRefusal(ReasonEnum):
    """What the interface itself refuses."""

    UNAUTHENTICATED = "it is not known who asks: a bearer token is needed", "未认证：需要访问令牌"
    FORBIDDEN = "this is not allowed to whoever asks", "无权执行该操作"
    SECRET_TO_CHANGE = "the one-time secret must be changed first", "须先修改一次性密码"
    NOT_FOUND = "there is nothing at this address", "地址不存在"
    OBJECT_UNKNOWN = "there is no such object, or it is out of reach", "对象不存在或无权访问"
    METHOD_UNKNOWN = "this address does not take this method", "该地址不支持此方法"
    NOT_ACCEPTABLE = "none of the media types asked for is offered", "不支持所请求的返回格式"
    PRECONDITION_MISSING = "the version that is to be changed must be named with If-Match", "须以If-Match指明修改的版本"
    VERSION_DIFFERS = "it was changed since it was read", "对象已被修改，请重新读取"
    TOO_MANY_REQUESTS = "too many requests: wait as Retry-After says", "请求过于频繁，请稍后再试"
    BUSY = "the bank is busy: ask again under the same id as Retry-After says", "系统繁忙，请以相同编号稍后再试"
    STOPPING = "the service is stopping: ask again under the same id", "服务正在停止，请以相同编号稍后再试"
    FATE_UNKNOWN = "whether it was done is not known: ask again under the same id", "处理结果未知，请以相同编号重试"
    TOO_LONG = "it took too long: ask again under the same id", "处理超时，请以相同编号重试"
    FAULT = "the service met a fault; nothing more is known", "服务发生故障"


_STATUS: Final[dict[str, int]] = {
    "unauthenticated": 401,
    "forbidden": 403,
    "secret_to_change": 403,
    "scope_exceeded": 403,
    "not_permitted": 403,
    "own_command": 403,
    "own_access": 403,
    "own_emergency": 403,
    "users_only": 403,
    "not_the_maker": 403,
    "secret_wrong": 401,
    "code_wrong": 401,
    "code_needed": 401,
    "refresh_unknown": 401,
    "refresh_reused": 401,
    "session_ended": 401,
    "subject_disabled": 401,
    "try_later": 429,
    "not_found": 404,
    "out_of_reach": 404,
    "unknown_account": 404,
    "method_unknown": 405,
    "not_acceptable": 406,
    "body_too_slow": 408,
    "precondition_missing": 428,
    "version_differs": 412,
    "body_too_large": 413,
    "media_unknown": 415,
    "too_many_requests": 429,
    "busy": 503,
    "stopping": 503,
    "night_open": 503,
    "night_behind": 503,
    "fate_unknown": 503,
    "too_long": 503,
    "fault": 500,
    "id_conflict": 409,
    "id_malformed": 400,
    "id_from_future": 400,
    "interrupted": 409,
}
_BAD_REQUEST: Final = frozenset(
    {
        "body_invalid",
        "body_not_json",
        "body_too_deep",
        "body_key_twice",
        "body_missing",
        "parameter_invalid",
        "parameter_unknown",
        "key_missing",
        "key_malformed",
        "header_invalid",
        "cursor_invalid",
    }
)
HEADERS: Final = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
"""What every answer has: nothing of it is kept on the way, and it is what its type says."""
RETRY_SECONDS: Final = 1
"""What `Retry-After` says where nothing better is known."""


class Reasons(msgspec.Struct, frozen=True):
    """The reason in two languages."""

    en: str
    zh: str


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    reason: Reasons
    instance: str = ""
    """The request's id, under which the log of acts and the service's own log speak of it."""
    retry: bool = False
    """Whether the same request may succeed later without being changed."""


def status_of(name: str) -> int:
    """The HTTP status of a refusal by its name."""
    if name in _STATUS:
        return _STATUS[name]
    if name in _BAD_REQUEST:
        return 400
    return 404 if name.endswith("_unknown") else 422


def problem_of(refusal: RefusalLike, instance: str = "") -> Problem:
    """The document that tells a refusal."""
    status = status_of(refusal.name)
    english, chinese = refusal.english.removesuffix("."), refusal.chinese.removesuffix("。")
    return Problem(
        type=TYPE_PREFIX + refusal.name,
        title=english[:1].upper() + english[1:],
        status=status,
        code=refusal.name,
        reason=Reasons(english, chinese),
        instance=instance,
        retry=status in (408, 429, 503),
    )


def headers_of(problem: Problem, retry_seconds: int = RETRY_SECONDS) -> dict[str, str]:
    """The headers that go with a problem."""
    headers: dict[str, str] = dict(HEADERS)
    if problem.status in (429, 503):
        headers["retry-after"] = str(retry_seconds)
    if problem.status == 401:
        headers["www-authenticate"] = 'Bearer realm="yinhe"'
    return headers


def encode(problem: Problem) -> bytes:
    """The document as JSON."""
    return msgspec.json.encode(problem)


def as_any(problem: Problem) -> dict[str, Any]:
    """The document as plain data, for examples."""
    return msgspec.to_builtins(problem)
