"""Training of the transformer on a tiny size: it learns, it resumes to the same weights, batches are deterministic."""

import copy
import math
import random
import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from fashion.captions import parse_caption
from fashion.color import COLORS
from fashion.dialogues import compose_recommendation
from fashion.garment import Garment
from fashion.language import caption, phrase
from fashion.sampling import sample_garment
from vlm.config import FashionVLMConfig
from vlm.network import FashionVLM
from vlm.text_tokenizer import TextTokenizer
from vlm.training import batches
from vlm.training.batches import BatchComposer, Material, Mix, corpus
from vlm.training.compute import Compute
from vlm.training.losses import reading_loss
from vlm.training.photos import PhotoLabel
from vlm.training.picture_pool import OutfitSample
from vlm.training.telling import choice_alone
from vlm.training.transformer import TransformerTraining, train_transformer

CODES, CODEBOOK, PATCHES, FEATURES = 16, 32, 4, 12
MIX = Mix(
    draw=4,
    photos=2,
    garments=2,
    photo_outfits=1,
    tower_outfits=1,
    plain_garments=2,
    plain_outfits=2,
    worded=3,
    chosen=2,
)


@pytest.fixture(scope="module")
def material():
    rng, chance = random.Random(0), np.random.default_rng(0)

    def codes(count):
        return chance.integers(0, CODEBOOK, (count, CODES)).astype(np.uint16)

    def features(count):
        return chance.normal(size=(count, PATCHES, FEATURES)).astype(np.float16)

    outfits = [OutfitSample((0,), (("what goes with this?", "A red scarf."),))]
    outfits += [OutfitSample((1, 2), (("and with these?", "A blue hat."), ("cheaper?", "A grey hat.")))]
    return Material(
        garments=[sample_garment(rng) for _ in range(6)],
        garment_codes=codes(6),
        garment_features=features(4),
        outfits=outfits,
        photos=[
            PhotoLabel("pants", "Jeans", "blue", None),
            PhotoLabel("t-shirt", "T-shirts & vests", "white", "short"),
        ],
        photo_codes=codes(2),
        photo_features=features(2),
        blank_codes=codes(1)[0],
    )


@pytest.fixture(scope="module")
def tokenizer(material):
    return TextTokenizer.train(corpus(material.garments, material.outfits, list), 500)


@pytest.fixture
def composer(material, tokenizer):
    return BatchComposer(material, tokenizer, MIX, seed=4)


@pytest.fixture
def network(tokenizer):
    torch.manual_seed(1)
    return FashionVLM(
        FashionVLMConfig(
            llm_vocab_size=tokenizer.size,
            codebook_size=CODEBOOK,
            num_vq_tokens=CODES,
            text_slots=12,
            end_of_text_id=tokenizer.end_of_text_id,
            hidden_size=32,
            intermediate_size=64,
            num_layers=2,
            num_heads=2,
            max_positions=256,
            pack=2,
            tower_features=FEATURES,
            tower_patches=PATCHES,
        )
    )


def weights(model):
    return torch.cat([p.detach().flatten() for p in model.parameters()])


class Cut(Exception):
    """Stands for a process that is killed."""


def test_a_resumed_run_ends_with_the_weights_of_an_uninterrupted_one(network, composer, tmp_path):
    start = {name: value.clone() for name, value in network.state_dict().items()}
    run = {"steps": 4, "seed": 3, "settings": TransformerTraining(checkpoint_seconds=0.0)}
    whole = weights(train_transformer(network, composer, tmp_path / "whole", **run))

    def cut(progress):
        if progress.step == 3:
            raise Cut

    network.load_state_dict(start)
    with pytest.raises(Cut):
        train_transformer(network, composer, tmp_path / "cut", progress=cut, **run)
    torch.manual_seed(99)
    resumed = weights(train_transformer(FashionVLM(network.config), composer, tmp_path / "cut", **run))
    torch.testing.assert_close(resumed, whole, atol=1e-6, rtol=0)


def test_two_lanes_lead_to_the_weights_of_one(network, composer, tmp_path):
    start = {name: value.clone() for name, value in network.state_dict().items()}
    threads = torch.get_num_threads()
    found = []
    for lanes in (1, 2):
        network.load_state_dict(start)
        trained = train_transformer(
            network, composer, tmp_path / str(lanes), steps=4, seed=3, compute=Compute(lanes=lanes)
        )
        found.append(weights(trained))
    torch.testing.assert_close(*found, atol=1e-6, rtol=0)
    assert torch.get_num_threads() == threads


def test_both_losses_fall_below_what_guessing_gives(network, composer, tmp_path):
    seen = []
    train_transformer(
        network,
        composer,
        tmp_path,
        steps=40,
        seed=3,
        progress=seen.append,
        settings=TransformerTraining(muon_rate=2e-2, adam_rate=2e-2, warmup_steps=2),
    )
    assert seen[-1].drawing < math.log(CODEBOOK)
    assert seen[-1].reading < 0.7 * math.log(network.config.llm_vocab_size)


def test_a_budget_is_either_minutes_or_steps(network, composer, tmp_path):
    with pytest.raises(ValueError, match="minutes or steps"):
        train_transformer(network, composer, tmp_path, minutes=1, steps=1)


def test_the_same_step_composes_the_same_batch_and_the_next_another(material, tokenizer):
    first, again = (BatchComposer(material, tokenizer, MIX, seed=4) for _ in range(2))
    assert first.drawing(5)[0] == again.drawing(5)[0]
    assert all(torch.equal(a.text, b.text) for a, b in zip(first.reading(5), again.reading(5), strict=True))
    assert first.drawing(5)[0] != again.drawing(6)[0]


def test_targets_are_the_answers_and_end_of_text_alone(composer, tokenizer):
    seen = composer.reading(0)[0]
    assert seen.features.shape == (5, 1, PATCHES, FEATURES)
    for text, targets in zip(seen.text, seen.targets, strict=True):
        answer = targets[targets != -100].tolist()
        assert answer[-1] == tokenizer.end_of_text_id
        at = int((targets != -100).nonzero()[0, 0])
        assert text[at + 1 : at + 1 + len(answer)].tolist() == answer
        assert tokenizer.decode(text[1 : at + 1].tolist()).endswith("ASSISTANT:")


def test_every_answer_of_a_conversation_is_learned_and_no_request(material, tokenizer):
    several = [sample for sample in material.outfits if len(sample.rounds) == 2]
    composer = BatchComposer(
        replace(material, outfits=several), tokenizer, replace(MIX, recomposed=0.0), seed=4
    )
    batch = composer.reading(1)[1]
    assert batch.codes.shape[:2] == (2, 2)
    learned = tokenizer.decode(batch.targets[0][batch.targets[0] != -100].tolist())
    assert learned == " A blue hat. A grey hat."
    assert tokenizer.decode(batch.text[0].tolist()).count("USER:") == 2


def test_rows_without_pictures_name_the_colors_and_are_learned(network, composer, tokenizer, material):
    worded = composer.reading(1)[2]
    assert worded.codes is None and worded.features is None
    assert len(worded.text) == 3
    things = {shown(garment) for garment in material.garments}
    for row in worded.text:
        named = re.search(r"Shown: ([-a-z, ]+)\.", tokenizer.decode(row.tolist()))
        assert set(named[1].split(", ")) <= things
    loss = reading_loss(network, worded)
    loss.backward()
    assert network.showo.lm_head.weight.grad.abs().sum() > 0
    assert len(composer.reading(0)) == 3


def test_captions_survive_the_tokenizer(material, tokenizer):
    words = caption(material.garments[0], random.Random(1))
    assert tokenizer.decode(tokenizer.encode(words)) == words


def test_the_color_told_of_a_garment_is_its_own_but_for_a_few_that_are_told_one_nearby(material, tokenizer):
    own = {garment.color for garment in material.garments}
    strange = []
    for share in (0.0, 0.25):
        mix = replace(MIX, plain_garments=200, mishinted=share, unhinted=0.0)
        batch = BatchComposer(material, tokenizer, mix, seed=4).step(1).reading[0]
        rows = [tokenizer.decode(row.tolist()) for row in batch.text]
        told = [re.search(r"Measured color: ([a-z ]+)\.", row)[1] for row in rows]
        assert set(told) <= COLORS.keys()
        strange.append(sum(color not in own for color in told))
    assert strange[0] == 0 and 20 < strange[1] < 80


def shown(garment):
    return phrase(Garment(garment.category, garment.color), style="bare")


def test_requests_about_outfits_tell_what_is_shown_but_for_a_few_things_of_another_kind(material, tokenizer):
    own = {shown(garment) for garment in material.garments}
    strange = []
    for share in (0.0, 0.25):
        mix = replace(MIX, plain_outfits=100, miscalled=share, mishinted=0.0, unhinted=0.0, pictureless=0.0)
        batch = BatchComposer(material, tokenizer, mix, seed=4).step(1).reading[1]
        rows = [tokenizer.decode(row.tolist()) for row in batch.text]
        told = [re.search(r"Shown: ([-a-z, ]+)\.", row)[1].split(", ") for row in rows]
        assert all(len(one) == batch.codes.shape[1] for one in told)
        strange.append(sum(thing not in own for one in told for thing in one))
    assert strange[0] == 0 and 10 < strange[1] < 100 * batch.codes.shape[1] // 2


def test_of_choices_an_answer_is_learned_up_to_the_item_and_not_that_it_ends_there(material, tokenizer):
    batch = BatchComposer(material, tokenizer, replace(MIX, chosen=12), seed=4).step(0).chosen
    assert batch.codes is None and batch.text.shape[0] == 12
    for text, targets in zip(batch.text, batch.targets, strict=True):
        learned = targets[targets != -100].tolist()
        assert tokenizer.end_of_text_id not in learned
        said = tokenizer.decode(learned)
        assert parse_caption(said) is not None
        assert tokenizer.decode(text.tolist()).rstrip().endswith(said.rstrip()[-10:])


def test_a_choice_alone_names_what_the_whole_answer_recommends():
    rng = random.Random(3)
    for _ in range(80):
        sample = compose_recommendation(rng, split="train")
        alone = choice_alone(sample)
        assert sample.answer.startswith(alone) and len(alone) < len(sample.answer)
        assert parse_caption(alone).category == sample.target.category


def test_choices_move_the_weights(network, material, tokenizer, tmp_path, monkeypatch):
    composer = BatchComposer(material, tokenizer, replace(MIX, chosen=6), seed=4)
    runs = []
    for learned in (True, False):
        step = composer.step(0)
        if not learned:
            step.chosen.targets.fill_(-100)
        monkeypatch.setattr(composer, "step", lambda number, step=step: step)
        trained = copy.deepcopy(network)
        train_transformer(trained, composer, tmp_path / str(learned), steps=1, resume=False)
        runs.append(trained.showo.lm_head.weight)
        monkeypatch.undo()
    assert not torch.equal(*runs)


def test_worded_requests_are_open_as_often_as_the_mix_wants(material, tokenizer, monkeypatch):
    asked = []

    def noted(*arguments, is_open=False, **more):
        asked.append(is_open)
        return compose_recommendation(*arguments, is_open=is_open, **more)

    monkeypatch.setattr(batches, "compose_recommendation", noted)
    BatchComposer(material, tokenizer, replace(MIX, worded=60, opened=0.5), seed=4).reading(0)
    assert 20 < sum(asked[-60:]) < 40


def test_only_requests_of_choices_are_shortened_and_as_often_as_the_mix_wants(
    material, tokenizer, monkeypatch
):
    shares = []

    def noted(*arguments, left_out=0.0, **more):
        shares.append(left_out)
        return compose_recommendation(*arguments, left_out=left_out, **more)

    monkeypatch.setattr(batches, "compose_recommendation", noted)
    mix = replace(MIX, worded=20, chosen=60, shortened=0.5)
    composer = BatchComposer(material, tokenizer, mix, seed=4)
    composer.reading(0)
    assert len(shares) >= 20 and not any(shares)
    shares.clear()
    composer._choices(0)
    assert 20 < sum(share > 0 for share in shares) < 40
    assert all(0.1 <= share <= 0.6 for share in shares if share)


def test_outfits_shown_are_asked_about_in_words_composed_anew_as_often_as_the_mix_wants(material, tokenizer):
    dialogues = [answer for sample in material.outfits for _, answer in sample.rounds]
    told = []
    for share in (0.0, 0.5, 1.0):
        mix = replace(MIX, plain_outfits=100, recomposed=share, pictureless=0.0)
        batch = BatchComposer(material, tokenizer, mix, seed=4).step(1).reading[1]
        rows = [tokenizer.decode(row.tolist()) for row in batch.text]
        told.append(sum(any(answer in row for answer in dialogues) for row in rows))
    assert told[0] == 100 and 30 < told[1] < 70 and told[2] == 0
