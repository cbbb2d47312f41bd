"""Fine-tuning a whole FashionVLM on FashionRec by the published recipe (DESIGN.md section 3)."""
