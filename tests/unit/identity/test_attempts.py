"""How long the next try waits, and by what failures are counted."""

import pytest

from yinhe.identity.attempts import DELAY_MOST_US, FREE_BY_NAME, delay_us, keys_for, network_of
from yinhe.identity.settings import SECOND_US


@pytest.mark.parametrize(
    ("failures", "seconds"),
    [(0, 0), (4, 0), (5, 1), (6, 2), (7, 4), (10, 32), (14, 512), (15, 900), (16, 900), (10**9, 900)],
)
def test_the_wait_doubles_with_each_failure_and_has_an_end(failures: int, seconds: int) -> None:
    assert delay_us(failures, FREE_BY_NAME) == seconds * SECOND_US <= DELAY_MOST_US


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("somewhere", "unreadable"),
    ],
)
def test_an_address_counts_by_the_network_one_person_has(address: str, network: str) -> None:
    assert network_of(address) == network


def test_a_try_counts_by_name_and_by_address_in_one_order() -> None:
    assert [key.what for key in keys_for("teller-7", "192.0.2.7")] == ["address:192.0.2.7", "user:teller-7"]
    assert [key.what for key in keys_for(None, "192.0.2.7")] == ["address:192.0.2.7"]
    assert keys_for(None, "") == ()
