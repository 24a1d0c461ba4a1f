"""Initiatives: what success will be, and what becomes of a piece of work."""
