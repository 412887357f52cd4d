"""Wallets, accounts and digests: told by checksum, length and the name before them."""

import hashlib

import pytest

from pipeline.text.indicators import find_indicators
from pipeline.text.indicators.checksums import is_bech32, is_iban, is_onion_v3, is_ssdeep_block, keccak256

# Addresses published with the formats' own specifications (BIP 173, BIP 350, EIP-55, the genesis block).
VALID = {
    "1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa": "btc",
    "3J98t1WpEZ73CNmQviecrnyiWrnqRhWNLy": "btc",
    "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4": "btc",
    "bc1p0xlxvlhemja6c4dqv22uapctqupfhlxm9h8z3k2e72q4k9hcz7vqzk5jj0": "btc",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed": "eth",
    "0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed": "eth",
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t": "tron",
    "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh": "xrp",
}


@pytest.mark.parametrize(("address", "coin"), VALID.items())
def test_wallets_by_checksum(address: str, coin: str) -> None:
    assert [(one.type, one.text) for one in find_indicators(f"pay to {address}.")] == [(coin, address)]


@pytest.mark.parametrize(
    "address", [address for address in VALID if address != address.lower() or not address.startswith("0x")]
)
def test_a_wallet_with_one_wrong_character_is_none(address: str) -> None:
    at = len(address) // 2
    other = next(
        char
        for char in "23456789acdefghjkmnpqrstuvwxyz"
        if char.lower() != address[at].lower() and char.isdigit() != address[at].isdigit()
    )
    assert all(
        one.type not in ("btc", "eth", "tron", "xrp")
        for one in find_indicators(address[:at] + other + address[at + 1 :])
    )


def test_keccak_is_the_original_one() -> None:
    assert keccak256(b"").hex() == "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"
    assert keccak256(b"a" * 300) != hashlib.sha3_256(b"a" * 300).digest()


def test_small_checks() -> None:
    assert is_iban("GB82WEST12345698765432")
    assert not is_iban("GB82WEST12345698765433")
    assert not is_bech32("bc1")
    assert not is_onion_v3("a" * 56)
    assert [size for size in range(100) if is_ssdeep_block(size)] == [3, 6, 12, 24, 48, 96]


@pytest.mark.parametrize(
    "length_kind", [(32, "md5"), (40, "sha1"), (56, "sha224"), (64, "sha256"), (96, "sha384"), (128, "sha512")]
)
def test_digests_by_length(length_kind: tuple[int, str]) -> None:
    length, kind = length_kind
    digest = ("0123456789abcdef" * 8)[:length]
    assert [(one.type, one.value) for one in find_indicators(f"file {digest.upper()}, x")] == [(kind, digest)]
    assert find_indicators(f"file x{digest}") == ()
    assert find_indicators(f"file {digest}0z") == ()


@pytest.mark.parametrize(
    ("label", "length", "kind"),
    [
        ("imphash: ", 32, "imphash"),
        ("Import Hash\n", 32, "imphash"),
        ("imphash of ", 32, "imphash"),
        ("AUTHENTIHASH - ", 64, "authentihash"),
        ("SHA3-256: ", 64, "sha3-256"),
        ("JA3 ", 32, "ja3"),
        ("MD5: ", 32, "md5"),
        ("the imphash differs from the MD5 ", 32, "md5"),
    ],
)
def test_digests_by_the_name_before_them(label: str, length: int, kind: str) -> None:
    digest = ("0123456789abcdef" * 8)[:length]
    assert [(one.type, one.value) for one in find_indicators(label + digest)] == [(kind, digest)]


def test_ssdeep_needs_a_block_size() -> None:
    digest = "1536:yB+A8bMtMeRlbIzvDqZL4QzNxVDm:N4tMsbOGcyrV6BQvnoZ4U"
    assert [one.type for one in find_indicators(digest)] == ["ssdeep"]
    assert find_indicators("1537:yB+A8bMtMeRlbIzvDqZL4QzNxVDm:N4tMsbOGcyrV6BQvnoZ4U") == ()
