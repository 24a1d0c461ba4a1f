"""Microsoft Teams: the only package that knows Bot Framework, Adaptive Cards and their limits."""
