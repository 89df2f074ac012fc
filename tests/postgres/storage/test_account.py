import os
import pwd
import subprocess
import sys

import pytest

MAKE_IT = """
import sys
from yinhe.storage import account
account.DEDICATED_ACCOUNT = sys.argv[1]
print("ready", flush=True)
sys.stdin.readline()
print(account._dedicated_account().uid)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root makes the account that runs the server")
def test_two_starts_at_once_make_one_account() -> None:
    name = f"yinhe-test-{os.getpid()}"
    try:
        command = [sys.executable, "-c", MAKE_IT, name]
        pipe = subprocess.PIPE
        starts = [subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True) for _ in range(4)]
        assert all(start.stdout and start.stdout.readline() == "ready\n" for start in starts)
        for start in starts:
            assert start.stdin
            start.stdin.write("go\n")
            start.stdin.flush()
        seen = {int(start.communicate()[0]) for start in starts}
        assert seen == {pwd.getpwnam(name).pw_uid}
    finally:
        subprocess.run(["userdel", name], check=True)
