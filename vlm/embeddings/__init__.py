"""Sentences and pictures as vectors: MiniLM's own, and spaces in which words and pictures are compared."""

from vlm.embeddings.sentences import REMEMBERED, TEXT_DIMENSION, TextEmbedder

__all__ = ["REMEMBERED", "TEXT_DIMENSION", "TextEmbedder"]
