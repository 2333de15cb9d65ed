"""How far somebody's work reaches: which sites, and, for supervisors, which regions. Pure."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Scope:
    """The sites and the regions that somebody may work on; None: all of them.

    A region covers its divisions: CN covers CN-GD, and CN-GD only itself.
    """

    sites: frozenset[int] | None = None
    regions: frozenset[str] | None = None

    @property
    def unlimited(self) -> bool:
        """Whether every site is in it, those to come too."""
        return self.sites is None

    def allows_site(self, site_id: int | None) -> bool:
        """Whether it reaches this site; what is of all sites (None) takes an unlimited one."""
        return self.sites is None or site_id in self.sites

    def allows_region(self, code: str) -> bool:
        """Whether it reaches this region as a whole."""
        if self.regions is None:
            return True
        return code in self.regions or code.partition("-")[0] in self.regions

    def covers(self, other: "Scope") -> bool:
        """Whether `other` reaches nowhere that this does not."""
        return self._covers_sites(other) and self._covers_regions(other)

    def _covers_sites(self, other: "Scope") -> bool:
        if self.sites is None:
            return True
        return other.sites is not None and other.sites <= self.sites

    def _covers_regions(self, other: "Scope") -> bool:
        if self.regions is None:
            return True
        return other.regions is not None and all(map(self.allows_region, other.regions))


EVERYWHERE = Scope()
