"""The suites: pytest files with one item per clause and implementation."""
