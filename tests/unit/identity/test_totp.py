"""The second factor, against the examples of RFC 6238."""

import base64

import pytest

from yinhe.identity import totp

SECRET = base64.b32encode(b"12345678901234567890").decode()
SECOND = 1_000_000


@pytest.mark.parametrize(
    ("seconds", "code"),
    [
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
    ],
)
def test_codes_are_those_of_rfc_6238_appendix_b(seconds: int, code: str) -> None:
    """The last six of the eight digits that the appendix gives for SHA-1."""
    assert totp.code_at(SECRET, seconds * SECOND) == code
    assert totp.step_of(SECRET, code, seconds * SECOND, 0) == seconds // 30


@pytest.mark.parametrize(
    ("late_seconds", "taken"), [(-61, False), (-30, True), (0, True), (30, True), (61, False), (90, False)]
)
def test_a_code_is_taken_one_step_early_or_late_and_no_more(late_seconds: int, taken: bool) -> None:
    now = 1_700_000_010 * SECOND
    code = totp.code_at(SECRET, now)
    assert (totp.step_of(SECRET, code, now + late_seconds * SECOND, 0) is not None) is taken


def test_a_code_of_a_step_that_was_used_or_is_before_it_is_not_taken() -> None:
    now = 1_700_000_010 * SECOND
    code = totp.code_at(SECRET, now)
    step = totp.step_of(SECRET, code, now, 0)
    assert step is not None
    assert totp.step_of(SECRET, code, now, step) is None
    assert totp.step_of(SECRET, totp.code_at(SECRET, now - 30 * SECOND), now, step) is None
    assert totp.step_of(SECRET, totp.code_at(SECRET, now + 30 * SECOND), now + 30 * SECOND, step) == step + 1


@pytest.mark.parametrize("code", ["", "12345", "1234567", "12345a", "١٢٣٤٥٦", " 287082", "287082\n"])
def test_what_is_no_code_is_not_taken(code: str) -> None:
    assert totp.step_of(SECRET, code, 59 * SECOND, 0) is None


def test_secrets_have_160_bits_and_recovery_codes_differ() -> None:
    assert len(base64.b32decode(totp.new_secret())) == 20
    codes = totp.new_recovery_codes()
    assert len(set(codes)) == totp.RECOVERY_CODES
    assert totp.recovery_hash(codes[0].upper().replace("-", " "), 7) == totp.recovery_hash(codes[0], 7)
    assert totp.recovery_hash(codes[0], 8) != totp.recovery_hash(codes[0], 7)


def test_the_address_for_the_authenticator_names_bank_and_user() -> None:
    address = totp.enrolment_address(SECRET, "teller-7", "yinhe")
    assert address.startswith("otpauth://totp/yinhe:teller-7?secret=")
