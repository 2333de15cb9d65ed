"""Acts on labels. What opens a case calls these from `shudi.cases.actions`."""
