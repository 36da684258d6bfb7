"""Runs a page's examples against a reference portal, and says what a reader of each is told.

An example runs as it is printed: only the address, the credentials and the number of the chat
are replaced. What it takes for granted, such as a client that has been made already, is set up
around it, in files of its own.
"""

from b24_conformance.examples.checking import CaseReport, Report, TabReport, check
from b24_conformance.examples.hearing import Printed, Run

__all__ = ["CaseReport", "Printed", "Report", "Run", "TabReport", "check"]
