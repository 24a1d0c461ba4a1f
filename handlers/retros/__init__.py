"""Releases and the reviews that judge them, from the numbers to the summary."""
