"""What both apps mean: the domain of Shudi. It knows no web."""
