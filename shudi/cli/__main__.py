"""`python -m shudi.cli`."""

from shudi.cli import main

main()
