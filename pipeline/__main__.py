"""python -m pipeline."""

import gc
import os
import signal
import sys

if __name__ == "__main__":  # worker processes import this module too, and must not start another run
    # numpy would start threads for sums that we never ask for, and pandera import what it makes up examples with
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.modules.setdefault("hypothesis", None)  # type: ignore[arg-type]  # as if it were not installed
    if sys.stdout is not None:  # what it cannot spell does not stop a run at its very end
        sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]

    try:
        from .cli import main

        status = main()
        print(end="", flush=True)
    except BrokenPipeError:  # whoever read along has gone, as `| head -1` does; all that was asked for is done
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 0
    except KeyboardInterrupt:  # `main` has told it; a shell's loop ends only with a program that the signal ended
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
        raise
    gc.freeze()  # or the interpreter would look through all that a run holds once more before it ends
    sys.exit(status)
