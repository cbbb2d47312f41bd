"""Words to token ids: a byte-level BPE of our own for the mini model, phi-1_5's for the published one.

Both are ``tokenizers`` files; byte level means that no sentence is unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers

END_OF_TEXT = "<|endoftext|>"
_DATA = Path(__file__).parent / "data"


@cache
def prompt_table() -> dict[str, Any]:
    """The words around requests (``vlm/data/prompts.yaml``)."""
    table: dict[str, Any] = yaml.safe_load((_DATA / "prompts.yaml").read_text(encoding="utf-8"))
    return table


class TextTokenizer:
    """Encodes and decodes text, and lays out a conversation."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        """Wrap a `tokenizers` tokenizer that knows ``<|endoftext|>``; raises ValueError where it does not."""
        end = tokenizer.token_to_id(END_OF_TEXT)
        if end is None:
            raise ValueError(f"the tokenizer has no {END_OF_TEXT} token")
        self._tokenizer = tokenizer
        self.end_of_text_id: int = end

    @classmethod
    def load(cls, path: Path) -> TextTokenizer:
        """Read a ``tokenizer.json``; raises FileNotFoundError naming the file."""
        if not path.is_file():
            raise FileNotFoundError(f"no text tokenizer at {path}")
        return cls(Tokenizer.from_file(str(path)))

    @classmethod
    def train(cls, sentences: Iterable[str], vocab_size: int) -> TextTokenizer:
        """Learn a byte-level BPE of at most `vocab_size` entries, ``<|endoftext|>`` among them."""
        tokenizer = Tokenizer(models.BPE())
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            vocab_size=vocab_size,
            special_tokens=[END_OF_TEXT],
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            show_progress=False,
        )
        tokenizer.train_from_iterator(sentences, trainer)
        return cls(tokenizer)

    def save(self, path: Path) -> None:
        """Write ``tokenizer.json``."""
        self._tokenizer.save(str(path))

    @property
    def size(self) -> int:
        """How many entries there are."""
        return int(self._tokenizer.get_vocab_size())

    def encode(self, text: str) -> list[int]:
        """Text to ids; special words inside the text are plain text, never control tokens."""
        ids: list[int] = self._tokenizer.encode(text.replace(END_OF_TEXT, " "), add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """Ids to text; ids that are no text are dropped."""
        size = self.size
        return str(self._tokenizer.decode([i for i in ids if i < size], skip_special_tokens=True))

    def conversation(self, request: str) -> list[int]:
        """Ids of start-of-text and ``USER: … ASSISTANT:``, ready for the answer."""
        table = prompt_table()
        words = table["user"].format(message=request.strip()) + table["assistant"]
        return [self.end_of_text_id, *self.encode(words)]

    def dialogue(self, messages: Sequence[tuple[str, str]]) -> list[int]:
        """Ids of a whole conversation, ready for the next answer; start-of-text is not among them.

        Args:
            messages: Pairs of role (``user`` or ``assistant``) and text; each answer is closed by end of text.
        """
        table = prompt_table()
        ids: list[int] = []
        words = ""
        for role, text in messages:
            if role == "user":
                words += table["user"].format(message=text.strip())
            else:
                words += table["assistant"] + table["answer"].format(message=text.strip())
                ids += [*self.encode(words), self.end_of_text_id]
                words = ""
        return [*ids, *self.encode(words + table["assistant"])]

    def answer(self, text: str) -> list[int]:
        """Ids of an answer as it follows `conversation`, end of text included."""
        return [*self.encode(prompt_table()["answer"].format(message=text.strip())), self.end_of_text_id]
