"""`python -m vaerans_ecs`: the command `vaerans` of the package (vaerans_ecs/cli)."""

import sys

from .cli.run import main

if __name__ == "__main__":
    sys.exit(main())
