"""Clauses that speak of portals and of clients alike."""
