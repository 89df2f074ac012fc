"""The entry point of the command line."""

import sys


def main() -> None:
    """Run the command line and exit.

    The commands are loaded here and not above: so Ctrl-C is clean from the first moment.
    """
    try:
        from yinhe.cli.app import run

        code = run(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    if code == 130:
        sys.stderr.write("yinhe: interrupted\n")
    sys.exit(code)
