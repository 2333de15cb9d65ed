"""The life of a case, played against the real product and against a plain model of it.

`state` and the modules beside it (`showing`, `weighing`, `reversing`, `arriving`) are the model: a
second account of what DESIGN.md and docs/decisions say, which imports nothing of the product.
`world` and `doors` are the product, reached as people and programs reach it. `machine` draws what
happens, does it to both and compares.
"""
