"""Counts of failures, asked for by one process while another forgets them."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from tests.postgres.identity.house import House, because

from yinhe.identity.attempts import FREE_BY_NAME, Attempts, keys_for
from yinhe.identity.refusals import IdentityRefusal

LOCKED = "SELECT FROM identity_failure WHERE what = ANY(%s) FOR UPDATE"
WAITING = """SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%identity_failure%'"""


@pytest.mark.parametrize("failures", range(1, FREE_BY_NAME + 1))
def test_a_try_that_waits_for_one_that_succeeds_begins_anew(house: House, failures: int) -> None:
    attempts = Attempts(house.sessions, house.clock)
    keys = keys_for(f"teller-{failures}", "")
    begun = [attempts.begin(keys) for _ in range(failures)]
    assert begun == [None] * failures
    with ThreadPoolExecutor(1) as pool:
        with house.sessions.transaction() as session:
            session.execute(LOCKED, ([key.what for key in keys],))
            another = pool.submit(attempts.begin, keys)
            with house.database.connect() as watching:
                while not another.done() and watching.execute(WAITING).fetchone() == (0,):
                    time.sleep(0.01)
            attempts.succeed(session, keys)
        assert another.result(timeout=30) is None
    for _ in range(FREE_BY_NAME - 1):
        assert attempts.begin(keys) is None
    assert because(attempts.begin(keys)) is IdentityRefusal.TRY_LATER
