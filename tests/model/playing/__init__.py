"""The rules of the machine, by noun: each draws what happens, does it to both, and compares."""
