"""Adapter programs, one for each known client."""
