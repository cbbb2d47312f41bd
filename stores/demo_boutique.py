"""The demo boutique, built into a data folder: generated, drawn, embedded, and only then put on the shelf."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fashion.boutique import BOUTIQUE_VERSION, generate_products
from fashion.product import Product
from stores.catalog_embedding import ProductEmbedding
from stores.catalog_records import ProductRecords
from stores.database import only_one_process
from stores.garment_pictures import PictureOrder, draw_all

Progress = Callable[[int, int], None]
_BATCH = 50
_PREFIX = "demo-"


@dataclass(frozen=True, slots=True)
class DemoBoutique:
    """Which boutique is wanted: all of it (`size` None), or a smaller one that is built sooner."""

    size: int | None = None

    @property
    def version(self) -> str:
        """Differs whenever the products do."""
        return BOUTIQUE_VERSION if self.size is None else f"{BOUTIQUE_VERSION}-{self.size}"

    def products(self) -> list[Product]:
        """The products, without their pictures."""
        return generate_products() if self.size is None else generate_products(count=self.size)


def build_demo_boutique(
    demo: DemoBoutique,
    pictures: Path,
    records: ProductRecords,
    embedding: ProductEmbedding,
    on_progress: Progress | None = None,
) -> None:
    """Build the demo boutique where it is not here in this version.

    The records appear in one transaction at the very end. A build that is killed leaves drawn pictures, which
    the next one takes over, and vectors without records, which no search shows and the next build overwrites.

    Args:
        demo: Which boutique.
        pictures: The catalog's picture folder.
        records: Where the products end up.
        embedding: Embeds and indexes them.
        on_progress: Called as ``on_progress(done, total)``, counted in products.
    """
    with only_one_process(pictures.parent / "building.lock"):
        if records.demo_version() == demo.version:
            return
        folder = f"{_PREFIX}{demo.version}"
        products = {
            product.id: product.model_copy(update={"picture": f"{folder}/{product.id}.jpg"})
            for product in demo.products()
        }
        orders = [
            PictureOrder(product.id, product.garment, pictures / f"{folder}/{product.id}.jpg")
            for product in products.values()
        ]
        done = 0
        for ids in draw_all(orders, _BATCH):
            embedding.write([products[id_] for id_ in ids])
            done += len(ids)
            if on_progress is not None:
                on_progress(done, len(products))
        stale = records.replace_demo(products.values(), demo.version)
        embedding.remove(stale)
        for old in pictures.glob(f"{_PREFIX}*"):
            if old.name != folder:
                shutil.rmtree(old)
