"""Proving who one is: tokens for clients, sessions for users, their secrets and second factors."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Any, Final, Literal
from urllib.parse import parse_qsl
from uuid import UUID

import msgspec

from yinhe.access.permissions import Permission
from yinhe.api.call import Call
from yinhe.api.reading import ReadingRefusal
from yinhe.api.route import Handled, Reply, Route
from yinhe.audit.desk import Told
from yinhe.identity.sessions import LogIn, Opened
from yinhe.identity.users import ChangePassword
from yinhe.kernel.clock import datetime_from_us
from yinhe.kernel.refusals import Refusal

FORM: Final = "application/x-www-form-urlencoded"
FIELDS_MAX: Final = 8
Secret = Annotated[str, msgspec.Meta(max_length=256)]
Name = Annotated[str, msgspec.Meta(max_length=60)]


class TokenForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """A request for a token (RFC 6749 section 4.4.2)."""

    grant_type: Literal["client_credentials"]
    client_id: Name = ""
    client_secret: Secret = ""
    scope: Annotated[str, msgspec.Meta(max_length=2_000, description="Permissions, apart by spaces.")] = ""


class OAuthError(msgspec.Struct, frozen=True):
    """Why there is no token (RFC 6749 section 5.2)."""

    error: str
    error_description: str


class TokenAnswer(msgspec.Struct, frozen=True):
    """An access token (RFC 6749 section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
    """Seconds."""


class KeySet(msgspec.Struct, frozen=True):
    """The public keys that tokens are signed with (RFC 7517)."""

    keys: tuple[dict[str, Any], ...]


class LogInForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a user proves itself with."""

    name: Name
    password: Secret
    code: Annotated[str, msgspec.Meta(max_length=40, description="The authenticator's code, or a recovery code.")] = ""


class RefreshForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A refresh token, used by this."""

    refresh_token: Secret


class SessionAnswer(msgspec.Struct, frozen=True):
    """A session, opened or refreshed."""

    access_token: str
    refresh_token: str
    expires_in: int
    """Seconds that the access token is good for."""
    session: UUID
    must_change_secret: bool
    """Whether nothing else is allowed before the one-time secret is changed."""


class SessionCard(msgspec.Struct, frozen=True):
    """An open session."""

    session: UUID
    address: str
    channel: str
    second_factor: bool
    opened_at: datetime
    used_at: datetime
    ends_at: datetime


class SessionList(msgspec.Struct, frozen=True):
    """One's own open sessions."""

    items: tuple[SessionCard, ...]


class PasswordForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The password one has, and the one to be."""

    current: Secret
    new: Secret


class ProofForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One's password."""

    password: Secret


class CodeForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A code of the authenticator."""

    code: Annotated[str, msgspec.Meta(max_length=40)]


class FactorRemovalForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One's password and a code."""

    password: Secret
    code: Annotated[str, msgspec.Meta(max_length=40)]


class EnrolmentAnswer(msgspec.Struct, frozen=True):
    """The secret for the authenticator, shown once."""

    secret: str | None
    address: str | None
    """As `otpauth://`, for a picture code."""


class RecoveryAnswer(msgspec.Struct, frozen=True):
    """Codes to log in with when the authenticator is lost; each once, shown once."""

    codes: tuple[str, ...]


class Acknowledged(msgspec.Struct, frozen=True):
    """It is done."""

    done: bool = True


def token(call: Call) -> Handled:
    """Give a client a token for its secret."""
    fields = _form(call.body_as(bytes))
    if isinstance(fields, Refusal):
        return fields
    name, secret = fields.get("client_id", ""), fields.get("client_secret", "")
    basic = _basic(call.authorization)
    if basic is not None:
        name, secret = basic
    if fields.get("grant_type") != "client_credentials":
        return _oauth("unsupported_grant_type", "grant_type is client_credentials", 400)
    if not name or not secret:
        return _oauth("invalid_client", "client_id and client_secret are needed", 401)
    minted = call.bank.identity.clients.token(
        name, secret, scope=fields.get("scope"), thumbprint=call.thumbprint or None, address=call.address
    )
    if isinstance(minted, Refusal):
        kind = "invalid_scope" if minted.name == "scope_not_granted" else "invalid_client"
        return _oauth(kind, minted.english, 400 if kind == "invalid_scope" else 401)
    return Reply(value=TokenAnswer(minted.token, "Bearer", minted.seconds))


def _form(raw: bytes) -> dict[str, str] | Refusal:
    try:
        pairs = parse_qsl(raw.decode("utf-8"), keep_blank_values=True, strict_parsing=True, max_num_fields=FIELDS_MAX)
    except ValueError:
        return Refusal(ReadingRefusal.BODY_INVALID, "it is no form")
    found = dict(pairs)
    if len(found) != len(pairs):
        return Refusal(ReadingRefusal.BODY_KEY_TWICE)
    return found


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return (name, secret) if colon else ("", "")


def _oauth(error: str, words: str, status: int) -> Reply:
    """An error as RFC 6749 section 5.2 has it."""
    headers = {"www-authenticate": 'Basic realm="yinhe"'} if status == 401 else {}
    return Reply(value=OAuthError(error, words), status=status, headers=headers)


def key_set(call: Call) -> Handled:
    """Tell the public keys."""
    return Reply(value=KeySet(tuple(call.bank.identity.keys.jwks()["keys"])))


def log_in(call: Call) -> Handled:
    """Open a session."""
    form = call.body_as(LogInForm)
    opened = call.bank.identity.sessions.open(
        LogIn(name=form.name, password=form.password, code=form.code), address=call.address, channel="console"
    )
    return opened if isinstance(opened, Refusal) else Reply(value=_session(opened))


def refresh(call: Call) -> Handled:
    """Renew a session's tokens."""
    opened = call.bank.identity.sessions.refresh(call.body_as(RefreshForm).refresh_token, address=call.address)
    return opened if isinstance(opened, Refusal) else Reply(value=_session(opened))


def _session(opened: Opened) -> SessionAnswer:
    return SessionAnswer(
        opened.access_token, opened.refresh_token, opened.seconds, opened.session, opened.must_change_secret
    )


def own_sessions(call: Call) -> Handled:
    """List one's own sessions."""
    found = call.bank.identity.sessions.list(call.principal.number)
    return Reply(
        value=SessionList(
            tuple(
                SessionCard(
                    one.id,
                    one.address,
                    one.channel,
                    one.second_factor,
                    datetime_from_us(one.opened_at),
                    datetime_from_us(one.used_at),
                    datetime_from_us(one.ends_at),
                )
                for one in found
            )
        )
    )


def log_out(call: Call) -> Handled:
    """End the session one speaks in."""
    return _done(call.bank.identity.sessions.end(call.asked(), call.principal))


def change_password(call: Call) -> Handled:
    """Change one's own password."""
    form = call.body_as(PasswordForm)
    command = ChangePassword(current=form.current, new=form.new)
    return _done(call.bank.identity.users.change_password(call.asked(), call.principal, command, call.address))


def begin_factor(call: Call) -> Handled:
    """Make a secret for the authenticator."""
    found = call.bank.identity.second_factor.begin(
        call.asked(), call.principal, call.body_as(ProofForm).password, call.address
    )
    return found if isinstance(found, Refusal) else Reply(value=EnrolmentAnswer(found.secret, found.address))


def confirm_factor(call: Call) -> Handled:
    """Put the second factor in force."""
    found = call.bank.identity.second_factor.confirm(call.asked(), call.principal, call.body_as(CodeForm).code)
    return found if isinstance(found, Refusal) else Reply(value=RecoveryAnswer(found.codes))


def remove_factor(call: Call) -> Handled:
    """Take one's own second factor away."""
    form = call.body_as(FactorRemovalForm)
    return _done(
        call.bank.identity.second_factor.remove(call.asked(), call.principal, form.password, form.code, call.address)
    )


def _done(told: Told | Refusal) -> Handled:
    return told if isinstance(told, Refusal) else Reply(value=Acknowledged())


ROUTES: Final = (
    Route(
        method="POST",
        path="/v1/oauth/token",
        name="issueToken",
        tag="identity",
        summary="A token for a client: OAuth 2.0 client credentials (RFC 6749).",
        description="client_id and client_secret stand in the form or as HTTP Basic; `scope` narrows the token.",
        permission=None,
        handler=token,
        body=bytes,
        media_in=(FORM,),
        form=TokenForm,
        error=OAuthError,
        answer=TokenAnswer,
        problems=(401,),
    ),
    Route(
        method="GET",
        path="/.well-known/jwks.json",
        name="readKeys",
        tag="identity",
        summary="The public keys that tokens are signed with.",
        permission=None,
        handler=key_set,
        answer=KeySet,
    ),
    Route(
        method="POST",
        path="/v1/sessions",
        name="openSession",
        tag="identity",
        summary="Log in as a user.",
        permission=None,
        handler=log_in,
        body=LogInForm,
        answer=SessionAnswer,
        problems=(401, 422, 429),
        example=LogInForm("administrator", "the one-time secret", "123456"),
    ),
    Route(
        method="POST",
        path="/v1/sessions/refresh",
        name="refreshSession",
        tag="identity",
        summary="New tokens for a refresh token, which is used by this.",
        permission=None,
        handler=refresh,
        body=RefreshForm,
        answer=SessionAnswer,
        problems=(401, 422, 429),
        example=RefreshForm("yhr.…"),
    ),
    Route(
        method="GET",
        path="/v1/own/sessions",
        name="listOwnSessions",
        tag="identity",
        summary="One's own open sessions.",
        permission=Permission.OWN_SECRET,
        handler=own_sessions,
        answer=SessionList,
    ),
    Route(
        method="POST",
        path="/v1/own/log-out",
        name="logOut",
        tag="identity",
        summary="End the session one speaks in.",
        permission=Permission.OWN_SECRET,
        handler=log_out,
        answer=Acknowledged,
        action="session.end",
    ),
    Route(
        method="PUT",
        path="/v1/own/password",
        name="changePassword",
        tag="identity",
        summary="Change one's own password; all other sessions end.",
        permission=Permission.OWN_SECRET,
        handler=change_password,
        body=PasswordForm,
        answer=Acknowledged,
        action="user.change_password",
        problems=(401, 429),
        example=PasswordForm("the one-time secret", "a long sentence only I know"),
    ),
    Route(
        method="POST",
        path="/v1/own/second-factor",
        name="beginSecondFactor",
        tag="identity",
        summary="A secret for an authenticator (TOTP), shown once; it counts once confirmed.",
        permission=Permission.OWN_SECRET,
        handler=begin_factor,
        body=ProofForm,
        answer=EnrolmentAnswer,
        action="factor.begin",
        problems=(401, 429),
        example=ProofForm("a long sentence only I know"),
    ),
    Route(
        method="POST",
        path="/v1/own/second-factor/confirmation",
        name="confirmSecondFactor",
        tag="identity",
        summary="Put the second factor in force, proved by a code; gives recovery codes.",
        permission=Permission.OWN_SECRET,
        handler=confirm_factor,
        body=CodeForm,
        answer=RecoveryAnswer,
        action="factor.confirm",
        problems=(401, 429),
        example=CodeForm("123456"),
    ),
    Route(
        method="POST",
        path="/v1/own/second-factor/removal",
        name="removeSecondFactor",
        tag="identity",
        summary="Take one's own second factor away, proved by password and code.",
        permission=Permission.OWN_SECRET,
        handler=remove_factor,
        body=FactorRemovalForm,
        answer=Acknowledged,
        action="factor.remove",
        problems=(401, 429),
        example=FactorRemovalForm("a long sentence only I know", "123456"),
    ),
)
