"""``python -m fem`` is the ``facetgap`` command."""

from fem.cli.main import main

if __name__ == "__main__":
    main()
