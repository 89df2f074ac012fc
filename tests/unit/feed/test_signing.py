"""Signatures as the Standard Webhooks specification has them."""

import base64

from yinhe.feed.signing import SECRET_BYTES, new_secret, secret_text, signed


def test_the_example_of_the_specification() -> None:
    # The example of the specification's reference libraries.
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    headers = signed([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_two_secrets_in_force_sign_both() -> None:
    old, new = new_secret(), new_secret()
    both = signed([new, old], "a", 1, b"{}")["webhook-signature"].split(" ")
    assert both == [signed([one], "a", 1, b"{}")["webhook-signature"] for one in (new, old)]


def test_a_secret_is_shown_with_its_prefix() -> None:
    secret = new_secret()
    assert len(secret) == SECRET_BYTES
    assert base64.b64decode(secret_text(secret).removeprefix("whsec_")) == secret
