"""python -m pipeline."""

import sys

if __name__ == "__main__":  # worker processes import this module too, and must not start another run
    from .cli import main

    sys.exit(main())
