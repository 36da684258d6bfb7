"""Clauses that speak of portals."""
