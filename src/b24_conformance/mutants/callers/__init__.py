"""Small clients on `http.client` alone: sound ones that differ in every way that is allowed, and
faulty ones, each with one named fault.
"""
