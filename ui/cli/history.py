"""``fashionm3 history``: rebuild the index from the journal, or export what is kept about somebody."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.door import building, careful, load_settings, reserved_stdout, write_line
from ui.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from stores.history import History
    from vlm.embeddings import TextEmbedder

app = typer.Typer(no_args_is_help=True, help="What is remembered about people.")


@app.command()
@careful
def rebuild() -> None:
    """Make the search index again from the journal, which is the truth."""
    history = _open(load_settings())
    try:
        with building() as on_progress:
            count = history.rebuild(lambda done, total: on_progress("the history index", done, total))
    finally:
        history.close()
    typer.echo(f"The index is built again from the journal: {count} {'note' if count == 1 else 'notes'}.")


@app.command()
@careful
def export(
    user: Annotated[str | None, typer.Option(help="Whose; the local user where left out.")] = None,
) -> None:
    """Write everything kept about a person, one JSON object a line, oldest first."""
    settings = load_settings()
    with reserved_stdout() as out:
        history = _open(settings)
        try:
            for event in history.export(user or settings.user):
                write_line(out, json.dumps(event.model_dump(mode="json"), ensure_ascii=False))
        finally:
            history.close()


def _open(settings: Settings) -> History:
    from stores.history import History

    return History(settings.home / "history", _EmbedderWhenNeeded())


class _EmbedderWhenNeeded:
    """The sentence embedder, loaded at its first sentence: an export needs none and should not wait for one."""

    @cached_property
    def _embedder(self) -> TextEmbedder:
        from vlm.embeddings import TextEmbedder

        return TextEmbedder()

    def embed(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        return self._embedder.embed(texts)
