"""Nudges: what is due is planned by the sweep and sent by the drain."""
