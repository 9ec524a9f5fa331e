# SPDX-License-Identifier: GPL-2.0
"""The command line: a table of subcommands, one file each in commands/."""

import argparse
import signal
import sys

from .commands import (boot, build_module, capture, check_log, client, clock, console, down,
                       exec as exec_, heal, kill, panic, partition, pause, prepare, resume, run,
                       shell, status, up)
from .errors import LabError

COMMANDS = {
    "run": run,
    "up": up,
    "status": status,
    "exec": exec_,
    "shell": shell,
    "console": console,
    "check-log": check_log,
    "kill": kill,
    "panic": panic,
    "boot": boot,
    "pause": pause,
    "resume": resume,
    "partition": partition,
    "heal": heal,
    "client": client,
    "capture": capture,
    "clock": clock,
    "down": down,
    "prepare": prepare,
    "build-module": build_module,
}

EXIT_USAGE = 2
EXIT_LAB = 123              # the lab itself failed; the text on stderr says how


def main(argv=None):
    """Run one subcommand; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="lab", description="Virtual machines to test hotid on: real kernels on a real "
        "learning bridge. 'lab COMMAND --help' tells more.",
        epilog=f"Exit codes: {EXIT_LAB} the lab failed, {run.EXIT_BAD_LOG} the kernel complained, "
        f"{run.EXIT_GUEST_DIED} the guest died or hung, {EXIT_USAGE} usage; "
        "else the command's own.")
    table = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        summary = module.__doc__.splitlines()[0]
        sub = table.add_parser(name, help=summary, description=module.__doc__,
                               formatter_class=argparse.RawDescriptionHelpFormatter)
        module.add_arguments(sub)
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        return COMMANDS[args.command].main(args)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return EXIT_LAB
    except KeyboardInterrupt:
        print("lab: interrupted", file=sys.stderr)
        return 128 + signal.SIGINT
    except BrokenPipeError:
        return 128 + signal.SIGPIPE
