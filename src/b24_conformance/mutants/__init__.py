"""Galleries of implementations: sound, faulty and vacuous ones."""
