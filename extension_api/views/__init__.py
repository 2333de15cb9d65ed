"""The operations there are, by noun."""

from collections.abc import Iterator

from extension_api.operations import Operation, View
from extension_api.views import (
    about,
    accounts,
    dataset,
    health,
    labels,
    people,
    sightings,
    vocabulary,
)

_MODULES = (labels, sightings, accounts, people, vocabulary, dataset, about, health)


def all_operations() -> Iterator[tuple[Operation, View]]:
    """Every operation with its view."""
    for module in _MODULES:
        yield from module.operations
