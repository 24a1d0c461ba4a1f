"""The weekly pulse: are we still focusing on value, asked of everybody about the work in hand."""
