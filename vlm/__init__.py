"""FashionVLM: one network that reads and draws pictures, its training and its client."""
