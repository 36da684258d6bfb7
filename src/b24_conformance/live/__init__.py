"""What only live portals need: looking before asking, sparing plans, joins that are undone."""
