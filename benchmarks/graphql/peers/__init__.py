"""Servers to compare with: two of Node, and standard Strawberry."""
