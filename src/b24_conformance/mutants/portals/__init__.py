"""Faulty portals, by kind: each is the reference portal but for one fault."""
