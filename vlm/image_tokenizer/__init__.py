"""The image tokenizer: pictures to sign-bit codes and back."""

from vlm.image_tokenizer.config import ImageTokenizerConfig, mini_config, published_config
from vlm.image_tokenizer.quantizer import bits_to_codes, codes_to_bits
from vlm.image_tokenizer.tokenizer import ImageTokenizer, TokenizerOutput

__all__ = [
    "ImageTokenizer",
    "ImageTokenizerConfig",
    "TokenizerOutput",
    "bits_to_codes",
    "codes_to_bits",
    "mini_config",
    "published_config",
]
