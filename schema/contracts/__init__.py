"""Agreements as contracts: their terms, who took part in them, and what procurement did about them."""
