"""python -m pipeline."""

import os
import sys

if __name__ == "__main__":  # worker processes import this module too, and must not start another run
    from .cli import OK, main

    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read along has gone, as `| head -1` does; all that was asked for is done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = OK
    sys.exit(status)
