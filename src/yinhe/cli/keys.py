"""yinhe keys: the keys that personal data and secrets are sealed with."""

import os
import threading
from typing import Annotated, Final

import msgspec
import typer

from yinhe.audit.desk import Desk
from yinhe.audit.record import BANK, Record
from yinhe.bank import KEYS_SECONDS
from yinhe.bootstrap import open_books
from yinhe.cli.options import AsJson, DatabaseUrl, Debug, Home, UnitNumber, configured
from yinhe.cli.output import Output, facts
from yinhe.kernel.clock import SystemClock
from yinhe.rotation import prove_keys, reseal
from yinhe.storage.connection import open_database, unit_schema
from yinhe.storage.sessions import Sessions
from yinhe.storage.vault import KEYS_VARIABLE, Vault, add_key

app: Final = typer.Typer(help="The keys that personal data and secrets are sealed with.", no_args_is_help=True)

KNOWN_SECONDS: Final = 3 * KEYS_SECONDS
"""After this time whoever serves the unit knows a key that was added."""


@app.callback()
def keys() -> None:
    """The keys that personal data and secrets are sealed with."""


@app.command()
def rotate(
    resume: Annotated[
        bool, typer.Option("--resume", help="Add no key: seal anew what older keys than the newest still seal.")
    ] = False,
    unit: UnitNumber = 1,
    home: Home = None,
    database_url: DatabaseUrl = None,
    as_json: AsJson = False,
    debug: Debug = False,
) -> None:
    """Add a key and seal everything anew with it, while the bank works. Stopped half-way, it goes on with --resume.

    Old keys stay in `field.keys`: the log of acts keeps what it has under the key of its day. Where a home has several
    units, run it with --resume for each of the others. Where keys stand in YINHE_FIELD_KEYS, add one there, start every
    process anew, and then run this: it adds none.

    For example:

    $ yinhe keys rotate

    $ yinhe keys rotate --resume --unit 2
    """
    configuration, clock = configured(home, database_url, unit), SystemClock()
    with (
        open_books(configuration),
        open_database(configuration.home, configuration.database_url) as database,
    ):
        # The file is there, or made now, before a key is added to it.
        vault = Vault.open(configuration.home, os.environ)
        is_added = not resume and KEYS_VARIABLE not in os.environ
        sessions = Sessions(database.url, unit_schema(unit), "yinhe keys", sessions_max=1)
        try:
            prove_keys(sessions, vault)
            if is_added:
                add_key(configuration.home)
                threading.Event().wait(KNOWN_SECONDS)
                vault = Vault.open(configuration.home, os.environ)
            done = reseal(sessions, vault)
            detail = {"key": vault.newest, "added": is_added, **msgspec.structs.asdict(done)}
            Desk(sessions, clock).note(Record(action="keys.rotate", author=BANK, object="keys", detail=detail))
        finally:
            sessions.close()
    answer = {"unit": unit, **detail}
    told = {
        "Key": f"{vault.newest}, {'added now' if is_added else 'there before'}",
        "Fields of parties": f"{done.parties:,}",
        "Secrets and waiting commands": f"{done.identity:,}",
        "Payments": f"{done.payments:,}",
        "Webhooks": f"{done.webhooks:,}",
    }
    Output(as_json).show(answer, facts(f"Sealed anew in unit {unit}", told))
