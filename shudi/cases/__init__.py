"""Cases owns review: what opens a case, who claims it, what is decided, and the holder's say."""
