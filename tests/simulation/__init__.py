"""Weeks of a small town with the bot, lived through in seconds, with all that may go wrong: from one seed."""
