"""A naive evaluator of reads: the meaning the planner must have, in plain queries and Python.

It reads the same declarations (the plans on the fields of the schema) and shares nothing else with the planner: rows of
a small organisation are loaded whole, and graphql-core executes over resolvers that look them up.
"""
