"""The provider of single sign-on. Nothing imports this where none is set."""
