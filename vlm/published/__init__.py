"""Published checkpoints (Show-o, FashionVLM, MAGVIT-v2) as this project's own networks."""
