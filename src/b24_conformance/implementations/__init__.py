"""One interface, four ways to reach an implementation."""
