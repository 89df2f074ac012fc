"""Attacks on tokens: each is refused, and for what it is."""

import base64
import hashlib
import hmac
import json
from typing import Any
from uuid import UUID

import msgspec
import pytest
from joserfc.jwk import ECKey

from yinhe.identity import signing, tokens
from yinhe.identity.refusals import IdentityRefusal as R
from yinhe.identity.settings import SECOND_US, IdentitySettings
from yinhe.identity.tokens import Claims, Confirmation
from yinhe.kernel.refusals import Refusal

SETTINGS = IdentitySettings()
NOW = 1_800_000_000
KEY = signing.new_key()
KID = signing.thumbprint(KEY)
STRANGER = signing.new_key()
OURS = {KID: KEY}
ID = UUID("01890a5d-ac96-774b-bcce-b302099a8057")
CERTIFICATE = base64.urlsafe_b64encode(hashlib.sha256(b"certificate").digest()).rstrip(b"=").decode()
CLAIMS = Claims(iss="yinhe", aud="yinhe", sub="user:7", exp=NOW + 900, iat=NOW, nbf=NOW, jti=ID, sid=ID)


def changed(**fields: Any) -> Claims:
    return msgspec.structs.replace(CLAIMS, **fields)


def coded(content: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).rstrip(b"=").decode()


def signed(claims: object = CLAIMS, key: ECKey = KEY, **header: object) -> str:
    return signing.sign({"typ": "at+jwt", "kid": KID, **header}, msgspec.json.encode(claims), key)


def unsigned(header: dict[str, object], signature: str = "") -> str:
    return f"{coded(header)}.{coded(msgspec.to_builtins(CLAIMS))}.{signature}"


def by_hmac_under_the_public_key() -> str:
    """The confusion of algorithms: HS256 with the published key as the secret."""
    body = unsigned({"alg": "HS256", "typ": "at+jwt", "kid": KID}).rpartition(".")[0]
    mac = hmac.digest(KEY.as_pem(private=False), body.encode(), "sha256")
    return f"{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def with_payload(claims: Claims) -> str:
    header, _, signature = signed().split(".")
    return f"{header}.{coded(msgspec.to_builtins(claims))}.{signature}"


def read(token: str, *, now: int = NOW, thumbprint: str | None = None) -> Claims | Refusal:
    return tokens.read(token, OURS.get, now * SECOND_US, SETTINGS, thumbprint)


def test_a_sound_token_says_what_was_written() -> None:
    assert read(tokens.write(CLAIMS, KEY, KID)) == CLAIMS
    bound = changed(cnf=Confirmation(CERTIFICATE))
    assert read(tokens.write(bound, KEY, KID), thumbprint=CERTIFICATE) == bound


@pytest.mark.parametrize(
    ("token", "because"),
    [
        ("", R.TOKEN_MISSING),
        ("x", R.TOKEN_MALFORMED),
        ("a.b.c", R.TOKEN_MALFORMED),
        ("." * 2, R.TOKEN_MALFORMED),
        (signed() + ".x", R.TOKEN_MALFORMED),
        (signed() + "é", R.TOKEN_MALFORMED),
        ("a" * 5_000, R.TOKEN_MALFORMED),
        (unsigned({"alg": "none", "typ": "at+jwt", "kid": KID}), R.TOKEN_ALGORITHM),
        (unsigned({"alg": "None", "typ": "at+jwt"}), R.TOKEN_ALGORITHM),
        (unsigned({"alg": "RS256", "typ": "at+jwt", "kid": KID}, "AAAA"), R.TOKEN_ALGORITHM),
        (by_hmac_under_the_public_key(), R.TOKEN_ALGORITHM),
        (unsigned({"alg": "ES256", "typ": "at+jwt", "kid": KID, "crit": ["b64"]}, "AAAA"), R.TOKEN_ALGORITHM),
        (unsigned({"alg": "ES256", "typ": "at+jwt", "kid": KID}), R.TOKEN_FORGED),
        (unsigned({"alg": "ES256", "typ": "at+jwt", "kid": KID}, "A" * 86), R.TOKEN_FORGED),
        (unsigned({"alg": ["ES256"], "typ": "at+jwt"}), R.TOKEN_MALFORMED),
        (signed(typ="JWT"), R.TOKEN_MALFORMED),
        (signed(kid="another"), R.TOKEN_KEY_UNKNOWN),
        (signed(key=STRANGER, kid=signing.thumbprint(STRANGER)), R.TOKEN_KEY_UNKNOWN),
        (signed(key=STRANGER), R.TOKEN_FORGED),
        (signed(key=STRANGER, jwk=STRANGER.as_dict(private=False)), R.TOKEN_FORGED),
        (with_payload(changed(sub="user:1")), R.TOKEN_FORGED),
        (signed(changed(iss="another")), R.TOKEN_ISSUER),
        (signed(changed(aud="another")), R.TOKEN_AUDIENCE),
        (signed({**msgspec.to_builtins(CLAIMS), "aud": ["yinhe", "another"]}), R.TOKEN_MALFORMED),
        (signed({**msgspec.to_builtins(CLAIMS), "exp": "never"}), R.TOKEN_MALFORMED),
        (signed({"sub": "user:7"}), R.TOKEN_MALFORMED),
        (signed(changed(exp=NOW)), R.TOKEN_EXPIRED),
        (signed(changed(nbf=NOW + 6)), R.TOKEN_TOO_EARLY),
        (signed(changed(iat=NOW + 6)), R.TOKEN_TOO_EARLY),
        (signed(changed(cnf=Confirmation(CERTIFICATE))), R.TOKEN_CERTIFICATE),
        (signed(changed(cnf=Confirmation("A" * 43))), R.TOKEN_CERTIFICATE),
    ],
)
def test_a_token_that_is_not_ours_not_for_us_or_not_for_now_is_refused_for_what_it_is(token: str, because: R) -> None:
    refusal = read(token)
    assert isinstance(refusal, Refusal)
    assert refusal.because is because


def test_a_token_bound_to_a_certificate_comes_over_no_other() -> None:
    refusal = read(signed(changed(cnf=Confirmation("A" * 43))), thumbprint=CERTIFICATE)
    assert isinstance(refusal, Refusal)
    assert refusal.because is R.TOKEN_CERTIFICATE


def test_clocks_a_few_seconds_apart_do_not_matter() -> None:
    assert read(signed(changed(nbf=NOW + 4, iat=NOW + 4))) == changed(nbf=NOW + 4, iat=NOW + 4)


def test_the_published_key_has_no_private_half() -> None:
    published = signing.write_public(KEY, KID)
    assert published == {**published, "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": KID}
    assert "d" not in published
    assert signing.read_key(signing.write_private(KEY)).as_dict(private=True)["d"] == KEY.as_dict(private=True)["d"]
