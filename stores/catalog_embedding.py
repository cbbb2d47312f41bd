"""What of a product is embedded, and how it gets into the index."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from fashion.product import Product
from stores.embedders import ImageEmbedder, PictureFunction, SentenceEmbedder, SentenceFunction
from stores.vector_index import VectorIndex

TEXTS = "catalog-texts"
PICTURES = "catalog-pictures"
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
        ids = [product.id for product in products]
        self.index.upsert(TEXTS, ids, self.texts.embed([sentence_of(product) for product in products]))
        if self.looks is None:
            return
        seen = {
            product.id: small for product in products if (small := self._small_picture(product)) is not None
        }
        if seen:
            self.index.upsert(PICTURES, list(seen), self.looks.embed(list(seen.values())))
        if gone := [id_ for id_ in ids if id_ not in seen]:
            self.index.remove(PICTURES, gone)

    def remove(self, ids: Sequence[str]) -> None:
        """Take products out of the index."""
        self.index.remove(TEXTS, ids)
        if self.looks is not None:
            self.index.remove(PICTURES, ids)

    def _small_picture(self, product: Product) -> Image.Image | None:
        if product.picture is None or not (path := self._pictures / product.picture).is_file():
            return None
        with Image.open(path) as picture:
            picture.draft("RGB", (_SIDE, _SIDE))
            return picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.BILINEAR)


def sentence_of(product: Product) -> str:
    """The words a product is found by: title, kind, attributes, description."""
    facts = (
        product.category,
        product.color,
        product.pattern if product.pattern != "solid" else None,
        product.material,
        product.style,
        product.sleeve and f"{product.sleeve} sleeves",
        product.neckline,
        product.length,
        product.fit and f"{product.fit} fit",
    )
    occasions = ", ".join([*product.occasions, *product.seasons])
    parts = (product.title, ", ".join(fact for fact in facts if fact), occasions, product.description)
    return ". ".join(part for part in parts if part)
