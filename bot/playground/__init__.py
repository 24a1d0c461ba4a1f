"""The playground: a local page that plays the chat of a sample team, without an account."""
