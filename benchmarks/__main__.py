"""`make bench`: every benchmark in turn, each as a ratio to something run beside it."""

import sys

from benchmarks import desk, lookup, sightings, usage

if __name__ == "__main__":
    sys.exit(max(part.main() for part in (lookup, sightings, desk, usage)))
