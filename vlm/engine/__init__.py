"""The engine: many requests for words and pictures advanced together on one network."""
