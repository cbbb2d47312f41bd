"""Sentences and pictures as vectors."""

from vlm.embeddings.sentences import REMEMBERED, TEXT_DIMENSION, TextEmbedder
from vlm.embeddings.tower_pictures import PICTURE_DIMENSION, PictureEmbedder

__all__ = ["PICTURE_DIMENSION", "REMEMBERED", "TEXT_DIMENSION", "PictureEmbedder", "TextEmbedder"]
