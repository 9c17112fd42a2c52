"""The tree, its tiles and what is signed of it, against vectors and programs of others."""

import base64
import json
import os
from functools import cache
from pathlib import Path

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from metamorphic_log import verify_consistency, verify_inclusion, verify_signed_note

from haochaping.kernel import crypto
from haochaping.ledger import rules
from haochaping.ledger.rules import tree
from haochaping.proofs.rules import canonical

VECTORS = Path(__file__).resolve().parents[5] / "shared/data/merkle-vectors"


def leaves(number: int) -> list[bytes]:
    return [rules.leaf_hash(str(n).encode()) for n in range(number)]


def over(hashes: list[bytes]) -> rules.NodeAt:
    """Return the nodes of a tree in memory."""

    def at(level: int, index: int) -> bytes:
        return rules.root(hashes[index << level : (index + 1) << level])

    return at


def cases(kind: str) -> list[Path]:
    return sorted((VECTORS / kind).rglob("*.json"))


@pytest.mark.skipif(not VECTORS.exists(), reason="the vectors of transparency-dev are not here")
@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_every_vector_of_others_is_accepted_or_refused_as_it_says(kind: str) -> None:
    assert len(cases(kind)) == 98
    for path in cases(kind):
        case = json.loads(path.read_text())
        proof = [base64.b64decode(node) for node in case["proof"] or ()]

        def plain(name: str, case: dict[str, str] = case) -> bytes:
            return base64.b64decode(case[name] or "")

        try:
            if kind == "inclusion":
                tree.check_inclusion(
                    plain("leafHash"), case["leafIdx"], case["treeSize"], proof, plain("root")
                )
            else:
                tree.check_consistency(
                    case["size1"], case["size2"], proof, plain("root1"), plain("root2")
                )
        except rules.BadProof:
            assert case["wantErr"], path
        else:
            assert not case["wantErr"], path


@given(st.integers(1, 600), st.data())
def test_our_proofs_hold_and_others_say_so(size: int, data: st.DataObject) -> None:
    hashes = leaves(size)
    at, root = over(hashes), rules.root(hashes)
    index = data.draw(st.integers(0, size - 1))
    path = rules.inclusion(index, size, at)
    rules.check_inclusion(hashes[index], index, size, path, root)
    verify_inclusion(index, size, hashes[index], path, root)
    old = data.draw(st.integers(1, size))
    proof = rules.consistency(old, size, at)
    rules.check_consistency(old, size, proof, rules.root(hashes[:old]), root)
    if proof:
        broken = [bytes(32), *proof[1:]]
        with pytest.raises(rules.BadProof):
            rules.check_consistency(old, size, broken, rules.root(hashes[:old]), root)


@pytest.mark.nightly  # L2: every leaf and every beginning of every tree up to 600 leaves
def test_every_proof_up_to_six_hundred_leaves_holds_for_another_program() -> None:
    hashes = leaves(600)
    at = cache(over(hashes))
    roots = [rules.root(hashes[:size]) for size in range(601)]
    for size in range(1, 601):
        root = roots[size]
        for index in range(size):
            path = rules.inclusion(index, size, at)
            verify_inclusion(index, size, hashes[index], path, root)
            proof = rules.consistency(index + 1, size, at)
            verify_consistency(index + 1, size, proof, roots[index + 1], root)


def test_a_tree_without_leaves_has_the_root_of_nothing() -> None:
    assert rules.root([]).hex() == (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    with pytest.raises(rules.BadProof):
        rules.check_consistency(0, 1, [], rules.EMPTY, rules.root(leaves(1)))


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        (1, ["tile/0/000.p/1"]),
        (255, ["tile/0/000.p/255"]),
        (256, ["tile/0/000", "tile/1/000.p/1"]),
        (257, ["tile/0/000", "tile/0/001.p/1", "tile/1/000.p/1"]),
    ],
)
def test_a_log_has_the_tiles_of_the_specification(size: int, expected: list[str]) -> None:
    assert [tile.path for tile in rules.tiles(0, size)] == expected


def test_the_example_of_the_specification_has_its_tiles() -> None:
    paths = [tile.path for tile in rules.tiles(0, 70_000)]
    assert paths[-4:] == ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    assert len(paths) == 277
    assert rules.Tile(0, 1_234_067, 256).path == "tile/0/x001/x234/067"
    assert [tile.path for tile in rules.tiles(65_535, 65_536)] == [
        "tile/0/255",
        "tile/1/000",
        "tile/2/000.p/1",
    ]


@given(st.lists(st.binary(max_size=60), max_size=40))
def test_a_bundle_gives_back_what_was_put_in(entries: list[bytes]) -> None:
    assert rules.unpacked(rules.packed(entries)) == entries
    if entries:
        with pytest.raises(ValueError, match="cut short"):
            rules.unpacked(rules.packed(entries)[:-1] if entries[-1] else b"\0")


def signed(text: str, name: str = "example.com/log", seed: bytes = bytes(32)) -> rules.Note:
    public = crypto.ed25519_public(seed)
    told = rules.key_id(name, rules.ED25519, public)
    line = rules.Signature(name, told, crypto.ed25519_sign(seed, text.encode()))
    return rules.Note(text, (line,))


def key(name: str = "example.com/log", seed: bytes = bytes(32)) -> rules.Key:
    public = crypto.ed25519_public(seed)

    def check(signature: bytes, message: bytes) -> bool:
        return crypto.ed25519_signed(public, signature, message)

    return rules.Key(name, rules.key_id(name, rules.ED25519, public), rules.ED25519, check)


TEXT = rules.Checkpoint("example.com/log", 7, bytes(32)).text


def test_a_note_is_read_as_it_was_written_and_by_others_too() -> None:
    note = signed(TEXT)
    assert rules.parse(note.whole) == note
    assert rules.signed_by(note, [key()]) == {"example.com/log": 0}
    vkey = rules.vkey("example.com/log", rules.ED25519, crypto.ed25519_public(bytes(32)))
    assert verify_signed_note(note.whole, [vkey])
    assert rules.parse_vkey(vkey)[2] == crypto.ed25519_public(bytes(32))


def test_strangers_signatures_are_passed_over_and_a_wrong_one_of_ours_refuses_the_note() -> None:
    ours, theirs = signed(TEXT), signed(TEXT, seed=b"\1" * 32)
    both = rules.Note(TEXT, (*theirs.signatures, *ours.signatures))
    assert rules.signed_by(both, [key()]) == {"example.com/log": 0}
    assert rules.signed_by(theirs, [key()]) == {}
    wrong = rules.Note(TEXT.replace("7", "8"), ours.signatures)
    with pytest.raises(rules.BadNote):
        rules.signed_by(wrong, [key()])
    many = rules.Note(TEXT, ours.signatures * 17)
    assert rules.signed_by(rules.parse(many.whole), [key()])


@pytest.mark.parametrize(
    "broken",
    [
        lambda note: note.replace("\n", "\r\n"),
        lambda note: note.removesuffix("\n"),
        lambda note: note.replace("— example.com/log ", "— example.com/ log "),
        lambda note: note.replace("— example.com/log", "— example.com\u3000log"),
        lambda note: note.replace("— ", "- "),
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note + "hello\n",
        lambda note: note.replace("— example.com/log ", "— example.com/log !"),
        lambda _: "",
    ],
)
def test_what_is_no_note_is_refused(broken: object) -> None:
    with pytest.raises(rules.BadNote):
        rules.parse(broken(signed(TEXT).whole))  # type: ignore[operator]


@pytest.mark.parametrize("size", ["07", "-1", "7.0", "", "9" * 20, "seven", "７"])
def test_a_checkpoint_has_a_plain_size(size: str) -> None:
    with pytest.raises(rules.BadNote):
        rules.parse_checkpoint(TEXT.replace("\n7\n", f"\n{size}\n"))
    assert rules.parse_checkpoint(TEXT + "an extension\n").size == 7


def test_a_proof_is_read_as_it_was_written() -> None:
    proof = rules.Proof(3, (bytes(32), b"\1" * 32), signed(TEXT).whole, b'{"a":1}')
    assert rules.parse_proof(proof.text) == proof
    with pytest.raises(rules.BadNote):
        rules.parse_proof(proof.text.replace("index 3", "index 03"))


def test_sm2_signs_beside_for_whoever_asks_for_it() -> None:
    public, private = (bytes.fromhex(half) for half in crypto.sm2_pair())
    signature = crypto.sm2_sign(private, public[1:], b"message")
    assert crypto.sm2_signed(public[1:], signature, b"message")
    assert not crypto.sm2_signed(public[1:], signature, b"another")
    assert not crypto.sm2_signed(public[1:], bytes(64), b"message")


@given(
    st.dictionaries(
        st.text("abcdefghij_", min_size=1, max_size=6),
        st.one_of(
            st.integers(-(2**53) + 1, 2**53 - 1),
            st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
            st.booleans(),
            st.lists(st.integers(0, 999), max_size=3),
        ),
    )
)
def test_records_are_written_as_the_standard_says(record: dict[str, object]) -> None:
    assert canonical(record) == rfc8785.dumps(record)


def test_a_leaf_says_its_kind_and_nothing_else() -> None:
    made = os.urandom(32)
    assert rules.leaf(rules.Leaf.SUBMITTED, made) == b"\x01\x01" + made
    assert rules.leaf(rules.Leaf.REPLACED, made, 5)[34:] == (5).to_bytes(8) + b"\0"
    with pytest.raises(ValueError, match="SUBMITTED"):
        rules.leaf(rules.Leaf.SUBMITTED, made, 5)
