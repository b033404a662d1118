"""python -m pipeline."""

import gc
import os
import sys

if __name__ == "__main__":  # worker processes import this module too, and must not start another run
    # numpy would start threads for sums that we never ask for, and pandera import what it makes up examples with
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]  # as if it were not installed

    from .cli import OK, main

    try:
        status = main()
        sys.stdout.flush()
    except BrokenPipeError:  # whoever read along has gone, as `| head -1` does; all that was asked for is done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = OK
    gc.freeze()  # or the interpreter would look through all that a run holds once more before it ends
    sys.exit(status)
