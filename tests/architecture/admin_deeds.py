"""Good requests of those who manage the desk: people, sites, keys, inspections."""

from tests.architecture import client_deeds, inspection_deeds, people_deeds, site_deeds

DEEDS = client_deeds.DEEDS | inspection_deeds.DEEDS | people_deeds.DEEDS | site_deeds.DEEDS
