"""Run the command line as ``python -m procsim``."""

import sys

from procsim.cli import main

sys.exit(main())
