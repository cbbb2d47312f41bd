"""What is kept: the catalog, each person's history, artifacts."""
