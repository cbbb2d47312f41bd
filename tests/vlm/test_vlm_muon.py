import pytest
import torch

from vlm.training.muon import FloatMuon, orthogonalized


def drawn(*shape):
    return torch.randn(shape, generator=torch.Generator().manual_seed(3))


@pytest.mark.parametrize("shape", [(8, 20), (20, 8), (12, 12)])
def test_an_orthogonal_update_has_singular_values_of_about_one(shape):
    update = orthogonalized(drawn(*shape))
    values = torch.linalg.svdvals(update)
    assert update.shape == shape and values.max() < 1.3 and values.median() > 0.6


def test_a_convolution_moves_as_its_flattened_matrix_does():
    filters, matrix = (torch.nn.Parameter(drawn(6, 4, 3, 3).reshape(s)) for s in ((6, 4, 3, 3), (6, 36)))
    filters.grad, matrix.grad = drawn(6, 36).sin().reshape(6, 4, 3, 3), drawn(6, 36).sin()
    for parameter in (filters, matrix):
        FloatMuon([parameter], lr=0.01).step()
    torch.testing.assert_close(filters.flatten(1), matrix)
    assert not torch.equal(matrix, drawn(6, 36))


def test_a_convolution_moves_the_same_whichever_way_it_lies_in_memory():
    plain = torch.nn.Parameter(drawn(6, 4, 3, 3))
    last = torch.nn.Parameter(drawn(6, 4, 3, 3).to(memory_format=torch.channels_last))
    for parameter in (plain, last):
        parameter.grad = drawn(6, 4, 3, 3).cos()
        FloatMuon([parameter], lr=0.01).step()
    torch.testing.assert_close(plain, last)


def test_a_linear_problem_is_solved():
    weight, target = torch.nn.Parameter(torch.zeros(4, 6)), drawn(4, 6)
    optimizer = FloatMuon([weight], lr=0.05, weight_decay=0.0)
    for _ in range(200):
        optimizer.zero_grad()
        (weight - target).square().sum().backward()
        optimizer.step()
    assert (weight - target).abs().mean() < 0.1


def test_vectors_are_refused():
    with pytest.raises(ValueError, match="matrices and convolution"):
        FloatMuon([torch.nn.Parameter(torch.zeros(3))])
