"""What a retraction carries, and what is gone with it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.retraction import Retraction, carried, standing, withdrawal


def retractions(**taken_back: str) -> dict[str, Retraction]:
    """`r="a"`: the release r retracts a, as a disclosure risk."""
    return {release: Retraction(release, retracted, "disclosure_risk") for release, retracted in taken_back.items()}


@pytest.mark.parametrize(
    ("chain", "taken_back", "carries"),
    [
        ("a r", {"r": "a"}, {"r": None}),
        ("a b r", {"r": "b"}, {"r": "a"}),
        ("a b r", {"r": "a"}, {"r": "b"}),
        ("a b c r", {"r": "b"}, {"r": "c"}),
        ("a b r s", {"r": "b", "s": "a"}, {"r": "a", "s": None}),
        ("a b c r s", {"r": "c", "s": "b"}, {"r": "b", "s": "a"}),
        ("a b r c s", {"r": "a", "s": "c"}, {"r": "b", "s": "b"}),
    ],
)
def test_a_retraction_carries_the_newest_release_that_stands(chain, taken_back, carries):
    assert carried(chain.split(), retractions(**taken_back)) == carries


def test_what_stands_is_neither_retracted_nor_a_retraction():
    assert standing("abrc", retractions(r="a")) == ["b", "c"]


def test_what_was_retracted_is_gone_and_so_is_the_retraction_that_carries_it():
    taken_back = retractions(r="b", s="a")
    assert withdrawal("b", "abrs", taken_back) == taken_back["r"]
    assert withdrawal("a", "abrs", taken_back) == taken_back["s"]
    assert withdrawal("r", "abrs", taken_back) == taken_back["s"], "r carries the files of a"
    assert withdrawal("s", "abrs", taken_back) is None


@pytest.mark.parametrize(
    ("reason", "is_gone"),
    [("data_error", False), ("disclosure_risk", True), ("legal", True), ("a code of a later dictionary", True)],
)
def test_only_a_data_error_leaves_the_figures_to_be_read(reason, is_gone):
    found = withdrawal("a", "ar", {"r": Retraction("r", "a", reason)})
    assert (found is not None) == is_gone


def test_nothing_retracts_itself():
    with pytest.raises(ValueError, match="itself"):
        Retraction("a", "a", "legal")


@settings(deadline=None)
@given(st.lists(st.integers(0, 30), max_size=15))
def test_the_newest_release_of_a_chain_is_never_gone(steps):
    """An even step cuts a release; an odd one retracts something that stands, if anything does."""
    chain: list[str] = []
    taken_back: dict[str, Retraction] = {}
    for number, step in enumerate(steps):
        candidates = standing(chain, taken_back)
        if step % 2 and candidates:
            taken_back[str(number)] = Retraction(str(number), candidates[step % len(candidates)], "legal")
        chain.append(str(number))
        assert withdrawal(chain[-1], chain, taken_back) is None
