"""Which places and which communities there are."""

from flask import Response

from extension_api.answers import tagged_json
from extension_api.operations import Answer, Operation, Operations
from extension_api.parts import database, parts
from extension_api.rows import names_of
from extension_api.wire import PageKey, RegionRow, Regions, SiteRow, Sites
from shudi.sites.queries import all_sites

operations = Operations()
_PUBLIC = "public, max-age=60"


@operations.add(
    Operation(
        name="get_regions",
        method="GET",
        rule="/regions",
        summary="The places that labels may name",
        answers={200: Answer("The vocabulary.", Regions), 304: Answer("Nothing changed.")},
        cors=True,
    )
)
def get_regions() -> Response:
    """The whole vocabulary."""
    vocabulary = parts().vocabulary
    regions = [
        RegionRow(one.code, one.parent, names_of(one.names), names_of(one.short))
        for one in vocabulary
    ]
    granularity = parts().settings.granularity
    return tagged_json(Regions(vocabulary.version, granularity, regions), cache=_PUBLIC)


@operations.add(
    Operation(
        name="get_sites",
        method="GET",
        rule="/sites",
        summary="The communities that are covered, and how their pages name accounts",
        answers={200: Answer("All communities.", Sites), 304: Answer("Nothing changed.")},
        cors=True,
    )
)
def get_sites() -> Response:
    """Every community with its adapter."""
    with database().read_session() as session:
        sites = [
            SiteRow(
                one.key,
                one.name,
                one.match,
                PageKey(one.page_key.value, one.fold.value),
                one.adapter,
            )
            for one in all_sites(session)
        ]
    return tagged_json(Sites(sites), cache=_PUBLIC)
