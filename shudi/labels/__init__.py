"""Labels owns the place shown for an account: sightings, resolution, corrections, publication."""
