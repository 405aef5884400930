# SPDX-License-Identifier: Apache-2.0
"""``python -m octopus_lab``: the command line."""

import sys

from octopus_lab.cli import main

if __name__ == "__main__":
    sys.exit(main())
