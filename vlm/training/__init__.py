"""Training of every part of FashionVLM, resumable and within a given time."""
