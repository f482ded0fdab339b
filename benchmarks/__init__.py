"""Figures a stranger can measure again: one module per subject, each with `run() -> list[Measurement]`."""
