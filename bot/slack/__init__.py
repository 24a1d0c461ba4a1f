"""Slack: its requests in, its messages out, where it is installed and who is there."""
