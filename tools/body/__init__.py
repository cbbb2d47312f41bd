"""Bodies to dress: where the joints are, how cloth follows them, and what light falls on it."""
