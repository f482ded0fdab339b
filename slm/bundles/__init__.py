"""Bundles: an organisation's definitions, and all its records, as files that people and other installations read."""
