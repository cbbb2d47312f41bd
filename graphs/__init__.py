"""The state machine that carries a turn from words to reply."""
