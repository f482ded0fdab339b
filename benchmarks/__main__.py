"""`python -m benchmarks MODULE` measures one subject and keeps the result (`make bench`, `make campaign`)."""

import sys

from benchmarks.harness import main

sys.exit(main(sys.argv[1:]))
