"""Which of several drawings of the same words is the best: the one in which the model is likeliest to find those words.

A free description of each would name one category, color and pattern, and leave most candidates equal. Instead the
caption of what was asked is held against each picture, and its probability says how clearly the picture shows it: one
pass over each picture's codes, nothing is decoded word by word.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from PIL import Image
from torch import Tensor

from fashion.garment import Garment
from fashion.language import article, is_pair, title
from fashion.mentions import find_mentions
from fashion.tables import load_table
from fashion.vocabulary import CATEGORIES
from vlm.attention import SlotMemory
from vlm.backbone import Backbone
from vlm.color_reading import read_color
from vlm.lanes import lanes
from vlm.layouts import reading_prefix
from vlm.picture_prefix import PicturePrefixes
from vlm.reading import with_colors
from vlm.text_generation import TextRunner
from vlm.text_tokenizer import TextTokenizer, prompt_table


def asked_garments(prompt: str, color: str) -> tuple[Garment, ...]:
    """What a prompt wants to see: its first category, color, pattern and so on, in each style that it leaves open.

    Args:
        prompt: Words to draw.
        color: Taken where the words name none.

    Returns:
        Garments that are said differently; none where the words name no category.
    """
    named = find_mentions(prompt)
    if not named.categories:
        return ()
    styles = CATEGORIES[named.categories[0]].styles
    garments = [
        Garment(
            named.categories[0],
            named.colors[0] if named.colors else color,
            named.patterns[0] if named.patterns else "solid",
            named.materials[0] if named.materials else None,
            style,
        )
        for style in [style for style in named.styles if style in styles][:1] or styles
    ]
    return tuple({_words(garment): garment for garment in garments}.values())


def _words(garment: Garment) -> str:
    """Its name with color, pattern, material and cut, as descriptions say it: "navy striped button-down shirt"."""
    return title(garment).lower()


class CandidateRanking:
    """Puts drawings of the same words in order."""

    def __init__(
        self,
        backbone: Backbone,
        prefixes: PicturePrefixes,
        tokenizer: TextTokenizer,
        reads_codes: bool,
        hint: bool,
        passes: int = 1,
    ) -> None:
        """Read with this model.

        Args:
            backbone: Its layers.
            prefixes: How it lays out a reading.
            tokenizer: Its words.
            reads_codes: Whether it reads a picture's codes; if not, the picture itself is looked at.
            hint: Whether requests tell it the measured color.
            passes: Candidates that are read beside one another, in threads of their own (`vlm.lanes`).
        """
        # Pictures that are looked at are remembered, in a table for one thread.
        self._passes = passes if reads_codes else 1
        self._backbone, self._prefixes, self._tokenizer = backbone, prefixes, tokenizer
        self._reads_codes, self._hint = reads_codes, hint

    def best_first(self, prompt: str, codes: Tensor, pictures: Sequence[Image.Image]) -> list[int]:
        """Numbers of the candidates, best first; in the given order where the words name no category.

        Args:
            prompt: Words that were drawn.
            codes: Image codes of each candidate, long ``[B, num_vq_tokens]``.
            pictures: The same candidates painted.
        """
        scores = self.scores(prompt, codes, pictures)
        return sorted(range(len(pictures)), key=lambda at: -scores[at])

    @torch.inference_mode()
    def scores(self, prompt: str, codes: Tensor, pictures: Sequence[Image.Image]) -> list[float]:
        """Log-likelihood of the asked-for caption at each candidate; see `best_first`."""
        each = [(prompt, codes[at : at + 1], picture) for at, picture in enumerate(pictures)]
        if self._passes == 1:
            return [self._likelihood(*one) for one in each]
        return lanes(self._passes).map(lambda one: self._likelihood(*one), each)

    @torch.inference_mode()
    def _likelihood(self, prompt: str, codes: Tensor, picture: Image.Image) -> float:
        color = read_color(picture).color
        captions = [self._caption(garment) for garment in asked_garments(prompt, color)]
        if not captions:
            return 0.0
        request = str(prompt_table()["describe_request"])
        asking = self._prefixes.words([("user", with_colors(request, [color]) if self._hint else request)])
        rows = (
            reading_prefix(self._backbone.network, codes)[0]
            if self._reads_codes
            else self._prefixes.rows([picture])
        )
        shared, start = rows.shape[0], rows.shape[0] + len(asking)
        # A caption too long for a very small model loses its end.
        captions = [caption[: max(1, self._backbone.config.max_positions - start)] for caption in captions]
        memory = SlotMemory(self._backbone, 1, start + max(map(len, captions)))
        runner = TextRunner(self._backbone, memory)
        runner.prefix(0, rows)
        asked = runner.words(0, shared, asking, shared)
        chances = []
        for caption in captions:
            told = runner.words(0, start, caption[:-1], shared, all_rows=True) if caption[1:] else asked[:0]
            logits = runner.logits(torch.cat([asked, told])).float().log_softmax(-1)
            chances.append(logits.gather(1, torch.tensor(caption, device=logits.device)[:, None]).sum())
        return float(torch.stack(chances).logsumexp(0))

    def _caption(self, garment: Garment) -> list[int]:
        table = prompt_table()
        # Descriptions say of a plain thing that it is plain; the tables' first word for it is the one taken.
        plain = load_table("wording")["patterns"][garment.pattern]["caption"][0]
        bare = _words(garment)
        bare = f"{plain} {bare}" if garment.pattern == "solid" else bare
        named = f"a pair of {bare}" if is_pair(garment) else f"{article(bare)} {bare}"
        words = str(table["photo_captions"][0]).format(np=named)
        return self._tokenizer.encode(str(table["answer"]).format(message=words))
