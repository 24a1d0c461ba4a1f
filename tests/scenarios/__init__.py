"""One story, told on every platform, which ends with the same rows on all of them."""
