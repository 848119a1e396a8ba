"""`python -m local run`, what `make run` calls; `stop`, and `reset`, what `make demo-reset` calls.

Reads DATA_DIR, PORT, EMULATOR_PORT, SMTP_PORT, DATABASE_URL and REDIS_URL.
"""

from __future__ import annotations

import argparse
import os
import sys

from local import config, run, servers, upkeep
from local.errors import ServerError, UsageError


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("command", choices=("run", "stop", "reset"))
    command = parser.parse_args().command
    try:
        if command == "run":
            return run.postroom(os.environ)
        work = {"stop": upkeep.stop, "reset": upkeep.reset}[command]
        work(config.data_dir(os.environ), servers.say)
    except UsageError as error:
        servers.say(str(error))
        return 2
    except PermissionError as error:
        servers.say(f"{error}. Run this as the owner of DATA_DIR, or choose another DATA_DIR.")
        return 2
    except ServerError as error:
        servers.say(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
