"""Greenroom: the back office event organizers keep on their own desks."""

__version__ = "0.1.0"
