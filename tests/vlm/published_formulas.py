"""The published code's numbers by the slow formulas of its papers, from a dictionary of weights and nothing of `vlm`.

Whole sequences with a mask at every word and every step, one formula a function; what `verify` compares with.
"""

import math

import torch
from torch.nn import functional as F


class Phi:
    """The language network on whole sequences of ids ``[B, L]``; see `logits`."""

    def __init__(self, weights, *, heads, rotated, theta, eps):
        self.weights, self.heads, self.rotated, self.theta, self.eps = weights, heads, rotated, theta, eps
        self.layers = 1 + max(int(name.split(".")[3]) for name in weights if ".layers." in name)

    def logits(self, ids, visible):
        """Logits ``[B, L, vocab]``; `visible` is bool ``[B, L, L]``."""
        x = F.embedding(ids, self.weights["showo.model.embed_tokens.weight"])
        for number in range(self.layers):
            name = f"showo.model.layers.{number}"
            normed = self.norm(x, f"{name}.input_layernorm")
            inner = self.linear(normed, f"{name}.mlp.fc1")
            gelu = 0.5 * inner * (1 + torch.tanh(math.sqrt(2 / math.pi) * (inner + 0.044715 * inner**3)))
            x = (
                x
                + self.attention(normed, visible, f"{name}.self_attn")
                + self.linear(gelu, f"{name}.mlp.fc2")
            )
        return self.linear(self.norm(x, "showo.model.final_layernorm"), "showo.lm_head")

    def linear(self, x, name):
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def norm(self, x, name):
        centered = x - x.mean(-1, keepdim=True)
        scaled = centered / (centered.pow(2).mean(-1, keepdim=True) + self.eps).sqrt()
        return scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def attention(self, x, visible, name):
        batch, length, width = x.shape
        query, key, value = (
            self.linear(x, f"{name}.{part}_proj").view(batch, length, self.heads, -1).transpose(1, 2)
            for part in "qkv"
        )
        if f"{name}.q_layernorm.weight" in self.weights:
            query, key = self.norm(query, f"{name}.q_layernorm"), self.norm(key, f"{name}.k_layernorm")
        query, key = self.turned(query), self.turned(key)
        scores = query @ key.transpose(-1, -2) / math.sqrt(query.shape[-1])
        scores = scores.masked_fill(~visible[:, None], torch.finfo(scores.dtype).min)
        seen = scores.softmax(-1) @ value
        return self.linear(seen.transpose(1, 2).reshape(batch, length, width), f"{name}.dense")

    def turned(self, x):
        speeds = self.theta ** (-torch.arange(0, self.rotated, 2).float() / self.rotated)
        angles = torch.arange(x.shape[-2]).float()[:, None] * speeds
        first, second = x[..., : self.rotated // 2], x[..., self.rotated // 2 : self.rotated]
        cosine, sine = angles.cos(), angles.sin()
        turned = (first * cosine - second * sine, second * cosine + first * sine)
        return torch.cat((*turned, x[..., self.rotated :]), -1)


def causal(length):
    return torch.ones(length, length, dtype=torch.bool).tril()


def reading_logits(phi, ids, prefix):
    """Causal, and everyone sees the first `prefix` positions."""
    visible = causal(ids.shape[1])
    visible[:, :prefix] = True
    return phi.logits(ids, visible.expand(len(ids), -1, -1))


def greedy(phi, ids, prefix, count, end):
    """The words after one row of ids, end of text included."""
    said = []
    while len(said) < count and end not in said:
        row = torch.cat([ids, torch.tensor([said], dtype=torch.long)], 1)
        said.append(int(reading_logits(phi, row, prefix)[0, -1].argmax()))
    return said


def prompt_rows(prompts, slots, tokens):
    rows = []
    for prompt in prompts:
        row = [tokens["t2i"], tokens["sot"], *prompt[: slots - 3], tokens["eot"]]
        rows.append([tokens["pad"]] * (slots - len(row)) + row)
    return torch.tensor(rows)


def drawing_ids(text, codes, tokens):
    edge = torch.ones(len(text), 1, dtype=torch.long)
    return torch.cat([text, tokens["soi"] * edge, codes, tokens["eoi"] * edge], 1)


def drawing_logits(phi, text, codes, tokens):
    """Logits over image codes at the picture's slots; `codes` are ids of the vocabulary."""
    ids = drawing_ids(text, codes, tokens)
    slots = text.shape[1]
    visible = causal(ids.shape[1]).expand(len(ids), -1, -1).clone()
    visible[:, slots:] = True
    visible[:, :, :slots] &= (text != tokens["pad"])[:, None]
    visible |= torch.eye(ids.shape[1], dtype=torch.bool)
    logits = phi.logits(ids, visible)
    return logits[:, slots + 1 : -1, tokens["image_offset"] : tokens["mask"]]


def drawn(phi, text, empty, tokens, *, slots, steps, guidance, temperature, seed):
    generator = torch.Generator().manual_seed(seed)
    offset, mask = tokens["image_offset"], tokens["mask"]
    ids = torch.full((len(text), slots), mask)
    for step in range(steps):
        logits = drawing_logits(phi, text, ids, tokens)
        if guidance > 0:
            logits = (1 + guidance) * logits - guidance * drawing_logits(phi, empty, ids, tokens)
        shares = logits.softmax(-1)
        sampled = torch.multinomial(shares.flatten(0, 1), 1, generator=generator).view(len(text), slots)
        unknown = ids == mask
        sampled = torch.where(unknown, sampled, ids - offset)
        ratio = (step + 1) / steps
        chosen = shares.gather(-1, sampled[..., None])[..., 0]
        chosen = torch.where(unknown, chosen, torch.finfo(chosen.dtype).max)
        left = (slots * torch.cos(torch.tensor(ratio) * math.pi * 0.5)).floor()
        left = torch.minimum(unknown.sum(-1, keepdim=True) - 1, left.expand(len(text), 1)).clamp(min=1)
        temperature = temperature * (1.0 - ratio)
        noise = torch.zeros_like(chosen).uniform_(0, 1, generator=generator)
        gumbel = -torch.log((-torch.log(noise.clamp(min=1e-20))).clamp(min=1e-20))
        confidence = torch.log(chosen.clamp(min=1e-20)) + temperature * gumbel
        cut_off = confidence.sort(-1).values.gather(1, left.long())
        ids = torch.where(confidence < cut_off, mask, sampled + offset)
    return sampled


class Magvit:
    """Encoder and decoder by the names of the weights."""

    def __init__(self, weights):
        self.weights = weights
        self.levels = len({name.split(".")[2] for name in weights if name.startswith("encoder.down.")})

    def encode(self, x):
        h = self.conv(x, "encoder.conv_in", padding=1)
        for level in range(self.levels):
            h = self.blocks(h, f"encoder.down.{level}")
            if level < self.levels - 1:
                h = self.conv(F.pad(h, (0, 1, 0, 1)), f"encoder.down.{level}.downsample.conv", stride=2)
        h = F.silu(self.norm(self.middle(h, "encoder.mid"), "encoder.norm_out"))
        values = self.conv(self.conv(h, "encoder.conv_out", padding=1), "encoder.quant_conv")
        bits = (values > 0).long().flatten(2)
        return sum(bits[:, place] << (bits.shape[1] - 1 - place) for place in range(bits.shape[1]))

    def decode(self, codes, rows, columns):
        bits = self.weights["decoder.post_quant_conv.weight"].shape[1]
        signs = torch.stack([(codes >> (bits - 1 - place)) & 1 for place in range(bits)], 1).float() * 2 - 1
        h = self.conv(signs.view(len(codes), bits, rows, columns), "decoder.post_quant_conv")
        h = self.middle(self.conv(h, "decoder.conv_in", padding=1), "decoder.mid")
        for level in reversed(range(self.levels)):
            h = self.blocks(h, f"decoder.up.{level}")
            if level:
                h = h.repeat_interleave(2, -1).repeat_interleave(2, -2)
                h = self.conv(h, f"decoder.up.{level}.upsample.conv", padding=1)
        return self.conv(F.silu(self.norm(h, "decoder.norm_out")), "decoder.conv_out", padding=1)

    def conv(self, x, name, **how):
        return F.conv2d(x, self.weights[f"{name}.weight"], self.weights[f"{name}.bias"], **how)

    def norm(self, x, name):
        groups = x.view(len(x), 32, -1)
        centered = groups - groups.mean(-1, keepdim=True)
        scaled = (centered / (centered.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt()).view(x.shape)
        weight, bias = self.weights[f"{name}.weight"], self.weights[f"{name}.bias"]
        return scaled * weight[:, None, None] + bias[:, None, None]

    def blocks(self, h, name):
        count = len({key.split(".")[4] for key in self.weights if key.startswith(f"{name}.block.")})
        for number in range(count):
            h = self.block(h, f"{name}.block.{number}")
        return h

    def block(self, x, name):
        h = self.conv(F.silu(self.norm(x, f"{name}.norm1")), f"{name}.conv1", padding=1)
        h = self.conv(F.silu(self.norm(h, f"{name}.norm2")), f"{name}.conv2", padding=1)
        narrow = f"{name}.nin_shortcut"
        return h + (self.conv(x, narrow) if f"{narrow}.weight" in self.weights else x)

    def middle(self, x, name):
        h = self.block(x, f"{name}.block_1")
        normed = self.norm(h, f"{name}.attn_1.norm")
        query, key, value = (self.conv(normed, f"{name}.attn_1.{part}").flatten(2) for part in "qkv")
        shares = (query.transpose(1, 2) @ key / math.sqrt(query.shape[1])).softmax(-1)
        seen = (shares @ value.transpose(1, 2)).transpose(1, 2).view(h.shape)
        return self.block(h + self.conv(seen, f"{name}.attn_1.proj_out"), f"{name}.block_2")
