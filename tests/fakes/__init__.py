"""Doubles of the two chat services, as strict as the services are."""
