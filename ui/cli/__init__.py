"""The ``fashionm3`` command, one module per group of commands."""
