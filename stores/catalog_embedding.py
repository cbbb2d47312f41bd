"""What of a product is embedded, and how it gets into the index.

A product has one vector: the mean of its words' and its picture's, or its words' alone where it has no picture. So a
sentence, a picture, and both together are compared with the same vectors.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from fashion.product import Product
from fashion.product_words import product_sentence
from stores.embedders import SpaceFunction, Vectors, mark_of
from stores.vector_index import VectorIndex

if TYPE_CHECKING:
    from vlm.embeddings.space import EmbeddingSpace

_PREFIX = "catalog-"
_SIDE = 224
"""The picture networks look at this many pixels a side; more would only cost time."""
WORDS_SHARE = 0.5
"""How much of a search by words and a picture together the words decide."""


class ProductEmbedding:
    """Writes products into the catalog's index, in a collection that belongs to one embedding space."""

    def __init__(self, root: Path, pictures: Path, space: EmbeddingSpace) -> None:
        """Open or create the index.

        Args:
            root: Chroma's folder.
            pictures: The folder that ``Product.picture`` is relative to.
            space: Embeds words and pictures.
        """
        self.space = space
        self.collection = f"{_PREFIX}{mark_of(space)}"
        self.index = VectorIndex(root, {"*": SpaceFunction(space)})
        self._pictures = pictures

    def write(self, products: Sequence[Product]) -> None:
        """Embed and index products; ids seen before are overwritten."""
        if not products:
            return
        vectors = np.array(self.space.embed_texts([product_sentence(product) for product in products]))
        seen = {
            at: small
            for at, product in enumerate(products)
            if (small := self._small_picture(product)) is not None
        }
        if seen:
            places = list(seen)
            vectors[places] = joined(vectors[places], self.space.embed_pictures(list(seen.values())))
        self.index.upsert(self.collection, [product.id for product in products], vectors)

    def remove(self, ids: Sequence[str]) -> None:
        """Take products out of the index."""
        self.index.remove(self.collection, ids)

    def query_vector(self, words: str, picture: Sequence[float] | None) -> Vectors | None:
        """What is searched for, as one vector of length 1; None where there are neither words nor a picture.

        Args:
            words: A sentence; blank for none.
            picture: A picture's vector in this space.

        Raises:
            ValueError: The picture's vector is of another space.
        """
        text = self.space.embed_texts([words])[0] if words.strip() else None
        look = None if picture is None else _unit(np.asarray(picture, np.float32))
        if look is not None and len(look) != self.space.dimension:
            raise ValueError(
                f"the picture's vector has {len(look)} numbers, the catalog's have {self.space.dimension}"
            )
        if text is None or look is None:
            return look if text is None else text
        both: Vectors = joined(look[None], text[None], WORDS_SHARE)[0]
        return both

    def forget_other_spaces(self) -> None:
        """Drop what was indexed by another embedding."""
        for name in self.index.names():
            if name.startswith(_PREFIX) and name != self.collection:
                self.index.drop(name)

    def _small_picture(self, product: Product) -> Image.Image | None:
        if product.picture is None or not (path := self._pictures / product.picture).is_file():
            return None
        with Image.open(path) as picture:
            picture.draft("RGB", (_SIDE, _SIDE))
            small = picture.convert("RGB")
        # Its shape is kept: a garment that is pressed looks like another.
        small.thumbnail((_SIDE, _SIDE), Image.Resampling.BILINEAR)
        return small


def joined(first: Vectors, second: Vectors, share: float = 0.5) -> Vectors:
    """Rows of two tables of unit rows summed, the second counting `share` (0..1), brought to length 1."""
    sums = (1.0 - share) * first + share * second
    rows: Vectors = (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)).astype(np.float32)
    return rows


def _unit(vector: Vectors) -> Vectors:
    unit: Vectors = vector / max(float(np.linalg.norm(vector)), 1e-12)
    return unit
