"""Sites owns the communities we serve and how a page of theirs names an account."""
