"""A whole FashionVLM of random weights, small enough to run hundreds of requests in a test."""

import torch
from PIL import Image

from vlm.canvas import DrawingSettings
from vlm.checkpoint import ModelParts
from vlm.config import FashionVLMConfig
from vlm.image_tokenizer import ImageTokenizer, ImageTokenizerConfig
from vlm.model import FashionVLMModel
from vlm.network import FashionVLM
from vlm.text_tokenizer import TextTokenizer

CONFIG = FashionVLMConfig(
    llm_vocab_size=320,
    codebook_size=32,
    num_vq_tokens=16,
    text_slots=12,
    end_of_text_id=0,
    hidden_size=32,
    intermediate_size=64,
    num_layers=3,
    num_heads=2,
    max_positions=128,
)


def tiny_network(config=CONFIG, seed=3):
    torch.manual_seed(seed)
    network = FashionVLM(config)
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim >= 2:
                parameter.normal_(0, 0.3)
    return network.eval().requires_grad_(False)


def tiny_words():
    sentences = ["USER: a red scarf goes with blue jeans ASSISTANT: try white boots instead"] * 4
    return TextTokenizer.train(sentences, 300)


def tiny_model(seed=3):
    network = tiny_network(seed=seed)
    torch.manual_seed(seed)
    pictures = ImageTokenizer(
        ImageTokenizerConfig(
            bits=5,
            channels=8,
            encoder_multipliers=(1, 1),
            encoder_blocks=(1, 1),
            decoder_multipliers=(1, 1),
            decoder_blocks=(1, 1),
            norm="channel",
            middle_attention=False,
            resolution=8,
        )
    )
    parts = ModelParts(network, pictures.eval().requires_grad_(False), tiny_words())
    return FashionVLMModel(parts, None, DrawingSettings(6, 2.0))


def plain_picture(color):
    return Image.new("RGB", (16, 16), color)
