"""What of a product is embedded, and how it gets into the index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from fashion.product import Product
from stores.embedders import ImageEmbedder, PictureFunction, SentenceEmbedder, SentenceFunction, Vectors
from stores.vector_index import VectorIndex

TEXTS = "catalog-texts"
PICTURES = "catalog-pictures"
_TEXT_BATCH = 8
_LOOK_BATCH = 4
_OCCASIONS = 3
_SIDE = 224
"""The picture embedder looks at this many pixels a side; more would only cost time."""


class ProductEmbedding:
    """Writes products into the two collections of the catalog's index: by words and by look."""

    def __init__(
        self, root: Path, pictures: Path, texts: SentenceEmbedder, looks: ImageEmbedder | None
    ) -> None:
        """Open or create the index.

        Args:
            root: Chroma's folder.
            pictures: The folder that ``Product.picture`` is relative to.
            texts: Embeds the words.
            looks: Embeds the pictures; None leaves them out.
        """
        functions: dict[str, object] = {TEXTS: SentenceFunction(texts)}
        if looks is not None:
            functions[PICTURES] = PictureFunction(looks)
        self.index = VectorIndex(root, functions)
        self.texts = texts
        self.looks = looks
        self._pictures = pictures

    def write(self, products: Sequence[Product]) -> None:
        """Embed and index products; ids seen before are overwritten, a picture that is gone is taken out."""
        if not products:
            return
        ids = [product.id for product in products]
        self.index.upsert(TEXTS, ids, self._text_vectors([sentence_of(product) for product in products]))
        if self.looks is None:
            return
        seen = {
            product.id: small for product in products if (small := self._small_picture(product)) is not None
        }
        if seen:
            self.index.upsert(PICTURES, list(seen), self._look_vectors(self.looks, list(seen.values())))
        if gone := [id_ for id_ in ids if id_ not in seen]:
            self.index.remove(PICTURES, gone)

    def remove(self, ids: Sequence[str]) -> None:
        """Take products out of the index."""
        self.index.remove(TEXTS, ids)
        if self.looks is not None:
            self.index.remove(PICTURES, ids)

    def _text_vectors(self, sentences: Sequence[str]) -> Vectors:
        """Embed in small batches of like length: less padding, and a third less time."""
        order = sorted(range(len(sentences)), key=lambda at: len(sentences[at]))
        parts = [
            self.texts.embed([sentences[at] for at in order[start : start + _TEXT_BATCH]])
            for start in range(0, len(order), _TEXT_BATCH)
        ]
        vectors = np.concatenate(parts)
        return vectors[np.argsort(order)]

    def _look_vectors(self, looks: ImageEmbedder, pictures: Sequence[Image.Image]) -> Vectors:
        """Embed in small batches, which stay in the processor's cache: almost twice as fast."""
        steps = range(0, len(pictures), _LOOK_BATCH)
        return np.concatenate([looks.embed(pictures[start : start + _LOOK_BATCH]) for start in steps])

    def _small_picture(self, product: Product) -> Image.Image | None:
        if product.picture is None or not (path := self._pictures / product.picture).is_file():
            return None
        with Image.open(path) as picture:
            picture.draft("RGB", (_SIDE, _SIDE))
            return picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)


def sentence_of(product: Product) -> str:
    """The words a product is found by: title, description, and the facts that neither of them names."""
    told = f"{product.title}. {product.description}".casefold()
    facts = (
        product.category,
        product.color,
        product.pattern if product.pattern != "solid" else None,
        product.material,
        product.style,
        product.sleeve and f"{product.sleeve} sleeves",
        product.neckline,
        product.length if product.length != "regular" else None,
        product.fit and product.fit != "regular" and f"{product.fit} fit",
        *product.occasions[:_OCCASIONS],
    )
    missing = [fact for fact in facts if fact and fact.casefold() not in told]
    return ". ".join(part for part in (product.title, ", ".join(missing), product.description) if part)
