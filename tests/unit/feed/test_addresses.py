"""Events go to the public internet and to this machine, and into the bank's own network by no name and no trick."""

import ipaddress

import pytest

from yinhe.feed.addresses import URL_MAX, Rules, Target, judge
from yinhe.feed.refusals import FeedRefusal
from yinhe.kernel.refusals import Refusal

PUBLIC = "93.184.215.14"


def judged(url: str, *addresses: str, rules: Rules | None = None) -> Target | FeedRefusal:
    def look_up(host: str, port: int) -> list[str]:
        if not addresses:
            raise OSError("no such name")
        return list(addresses)

    found = judge(url, rules or Rules(), look_up)
    if isinstance(found, Refusal):
        assert isinstance(found.because, FeedRefusal)
        return found.because
    return found


def test_a_public_address_is_reached_at_the_address_that_was_judged() -> None:
    url = "https://hooks.example/in?key=1"
    assert judged(url, PUBLIC) == Target(url, "hooks.example", 443, PUBLIC)
    assert judged("https://hooks.example:8443/in", PUBLIC) == Target(
        "https://hooks.example:8443/in", "hooks.example", 8443, PUBLIC
    )


@pytest.mark.parametrize(
    "address",
    [
        "10.0.0.1",
        "172.16.5.5",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "fe80::1",
        "fc00::1",
        "ff02::1",
        "::",
        "::ffff:10.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::1",
        "2001:0:53aa:64c:0:0:5601:5601",
    ],
)
def test_an_address_within_a_network_is_refused_also_beside_a_public_one(address: str) -> None:
    assert judged("https://hooks.example/", address) is FeedRefusal.ADDRESS_FORBIDDEN
    assert judged("https://hooks.example/", PUBLIC, address) is FeedRefusal.ADDRESS_FORBIDDEN


def test_this_machine_is_reached_unless_the_rules_say_otherwise() -> None:
    assert isinstance(judged("http://localhost:9000/", "127.0.0.1", "::1"), Target)
    assert isinstance(judged("http://localhost:9000/", "::ffff:127.0.0.1"), Target)
    closed = Rules(loopback=False)
    assert judged("http://localhost:9000/", "127.0.0.1", rules=closed) is FeedRefusal.ADDRESS_FORBIDDEN


def test_a_network_the_configuration_names_is_reached() -> None:
    rules = Rules(networks=(ipaddress.ip_network("10.1.0.0/16"),))
    assert isinstance(judged("https://inside.example/", "10.1.2.3", rules=rules), Target)
    assert judged("https://inside.example/", "10.2.2.3", rules=rules) is FeedRefusal.ADDRESS_FORBIDDEN


URLS = [
    ("http://hooks.example/", FeedRefusal.URL_NOT_HTTPS),
    ("ftp://hooks.example/", FeedRefusal.URL_NOT_HTTPS),
    ("file:///etc/passwd", FeedRefusal.URL_NOT_HTTPS),
    ("hooks.example", FeedRefusal.URL_NOT_HTTPS),
    ("https://", FeedRefusal.URL_MALFORMED),
    ("https://hooks.example:0/", FeedRefusal.URL_MALFORMED),
    ("https://hooks.example:99999/", FeedRefusal.URL_MALFORMED),
    ("https://hooks.example/\r\nhost: x", FeedRefusal.URL_MALFORMED),
    ("https://hooks.example\\@x/", FeedRefusal.URL_MALFORMED),
    ("https://银行.example/", FeedRefusal.URL_MALFORMED),
    ("https://user:word@hooks.example/", FeedRefusal.URL_WITH_SECRET),
    ("https://hooks.example/#part", FeedRefusal.URL_WITH_SECRET),
    ("https://hooks.example/" + "a" * URL_MAX, FeedRefusal.URL_MALFORMED),
    ("https://[::1", FeedRefusal.URL_MALFORMED),
]


@pytest.mark.parametrize(("url", "because"), URLS, ids=range(len(URLS)))
def test_what_is_no_address_to_send_to_is_refused(url: str, because: FeedRefusal) -> None:
    assert judged(url, PUBLIC) is because


def test_a_name_without_an_address_is_refused() -> None:
    assert judged("https://nowhere.example/") is FeedRefusal.ADDRESS_UNKNOWN
