"""Maturity: evidence and claims, judged against good and bad patterns of Service Level Management."""
