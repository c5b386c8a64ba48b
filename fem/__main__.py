"""``python -m fem`` is the ``facetgap`` command."""

import sys

from fem.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
