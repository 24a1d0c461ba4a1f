"""Real processes killed under load, and what is left afterwards held against what was promised."""
