"""Clauses that speak of clients."""
