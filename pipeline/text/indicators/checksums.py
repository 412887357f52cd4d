"""Checks that tell a wallet, an account number or an onion address from a string that only looks like one.

Sources: BIP 13, BIP 173, BIP 350 (Bitcoin), EIP-55 (Ethereum), Monero's base58 and Keccak checksum, TRON's base58check,
rend-spec-v3 section 6 (onion), ISO 13616 (IBAN). Pure functions; none raises on any string.
"""

import base64
import binascii
import hashlib

_BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_RIPPLE58 = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"
_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_CONSTANT = 1
_BECH32M_CONSTANT = 0x2BC830A3
_BECH32_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BASE58_VERSIONS = {
    b"\x00": "btc", b"\x05": "btc", b"\x30": "ltc", b"\x32": "ltc", b"\x1e": "doge", b"\x16": "doge", b"\x4c": "dash", b"\x41": "tron",
}  # fmt: skip
_TEZOS_VERSIONS = (b"\x06\xa1\x9f", b"\x06\xa1\xa1", b"\x06\xa1\xa4", b"\x02\x5a\x79")  # tz1, tz2, tz3, KT1
_SOLANA_BYTES = 32
_BECH32_COINS = {"bc": "btc", "tb": "btc", "ltc": "ltc", "addr": "ada", "stake": "ada", "cosmos": "atom", "bnb": "bnb", "osmo": "osmo", "zil": "zil"}  # fmt: skip
_SEGWIT = frozenset({"bc", "tb", "ltc"})
_CASH_GENERATOR = (0x98F2BC8E61, 0x79B76D99E2, 0xF33E5FB3C4, 0xAE2EABE2A8, 0x1E4F43E470)
_ZCASH_VERSIONS = (b"\x1c\xb8", b"\x1c\xbd")
_PAYLOAD_BYTES = 20  # of the hash inside a base58check address
_MONERO_NETWORKS = (18, 19, 42)  # main net: standard, integrated, sub-address
_MONERO_BLOCK_CHARS = 11  # Monero encodes blocks of 8 bytes in 11 characters
_MONERO_TAIL_BYTES = {2: 1, 3: 2, 5: 3, 6: 4, 7: 5, 9: 6, 10: 7, 11: 8}
_IBAN_CHARS = {
    "AD": 24, "AE": 23, "AL": 28, "AT": 20, "AZ": 28, "BA": 20, "BE": 16, "BG": 22, "BH": 22, "BR": 29, "BY": 28, "CH": 21, "CR": 22, "CY": 28,
    "CZ": 24, "DE": 22, "DK": 18, "DO": 28, "EE": 20, "EG": 29, "ES": 24, "FI": 18, "FO": 18, "FR": 27, "GB": 22, "GE": 22, "GI": 23, "GL": 18,
    "GR": 27, "GT": 28, "HR": 21, "HU": 28, "IE": 22, "IL": 23, "IQ": 23, "IS": 26, "IT": 27, "JO": 30, "KW": 30, "KZ": 20, "LB": 28, "LC": 32,
    "LI": 21, "LT": 20, "LU": 20, "LV": 21, "LY": 25, "MC": 27, "MD": 24, "ME": 22, "MK": 19, "MR": 27, "MT": 31, "MU": 30, "NL": 18, "NO": 15,
    "PK": 24, "PL": 28, "PS": 29, "PT": 25, "QA": 29, "RO": 24, "RS": 22, "RU": 33, "SA": 24, "SC": 31, "SE": 24, "SI": 19, "SK": 24, "SM": 27,
    "ST": 25, "SV": 28, "TL": 23, "TN": 24, "TR": 26, "UA": 29, "VA": 22, "VG": 24, "XK": 20,
}  # fmt: skip
"""Length by country, characters (SWIFT IBAN registry)."""


def base58_kind(text: str) -> str | None:
    """The coin whose base58check address `text` is (btc, ltc, doge, dash, tron, zec, xtz), or None."""
    raw = _base58_bytes(text, _BASE58)
    if raw is None or len(raw) < _PAYLOAD_BYTES + 5 or _double_sha(raw[:-4])[:4] != raw[-4:]:
        return None
    if len(raw) == _PAYLOAD_BYTES + 5:
        return _BASE58_VERSIONS.get(raw[:1])
    if raw[:3] in _TEZOS_VERSIONS and len(raw) == _PAYLOAD_BYTES + 7:
        return "xtz"
    return "zec" if raw[:2] in _ZCASH_VERSIONS and len(raw) == _PAYLOAD_BYTES + 6 else None


def is_ripple(text: str) -> bool:
    """Whether `text` is a classic XRP Ledger address."""
    raw = _base58_bytes(text, _RIPPLE58)
    return raw is not None and len(raw) == _PAYLOAD_BYTES + 5 and raw[0] == 0 and _double_sha(raw[:-4])[:4] == raw[-4:]


def is_solana(text: str) -> bool:
    """Whether `text` is 32 bytes in base58: all that there is to check, so a name must stand before it."""
    raw = _base58_bytes(text, _BASE58)
    return raw is not None and len(raw) == _SOLANA_BYTES


def bech32_kind(text: str) -> str | None:
    """The coin whose bech32 address `text` is (btc, ltc, ada, atom, bnb, ...), or None.

    Segwit addresses have bech32 for version 0 and bech32m for later versions; other coins always bech32.
    """
    if text != text.lower() and text != text.upper():
        return None
    prefix, _, data = text.lower().rpartition("1")
    coin = _BECH32_COINS.get(prefix)
    if coin is None or any(char not in _BECH32 for char in data) or len(data) < 8:
        return None
    values = [_BECH32.index(char) for char in data]
    expanded = [ord(char) >> 5 for char in prefix] + [0] + [ord(char) & 31 for char in prefix]
    later = prefix in _SEGWIT and values[0] != 0
    return coin if _bech32_polymod(expanded + values) == (_BECH32M_CONSTANT if later else _BECH32_CONSTANT) else None


def is_bech32(text: str) -> bool:
    """Whether `text` is a bech32 address of a known coin."""
    return bech32_kind(text) is not None


def is_bitcoin_cash(text: str) -> bool:
    """Whether `text` (no `bitcoincash:` before it) is a main-net address of Bitcoin Cash, by its 40-bit checksum."""
    if any(char not in _BECH32 for char in text):
        return False
    values = [ord(char) & 31 for char in "bitcoincash"] + [0] + [_BECH32.index(char) for char in text]
    checksum = 1
    for value in values:
        top = checksum >> 35
        checksum = ((checksum & 0x07FFFFFFFF) << 5) ^ value
        for bit, generator in enumerate(_CASH_GENERATOR):
            checksum ^= generator if (top >> bit) & 1 else 0
    return checksum == 1


def is_stellar(text: str) -> bool:
    """Whether `text` is a public key of the Stellar network (SEP-23: base 32, version 6, CRC-16/XMODEM)."""
    try:
        raw = base64.b32decode(text)
    except binascii.Error:
        return False
    return raw[:1] == b"\x30" and binascii.crc_hqx(raw[:-2], 0).to_bytes(2, "little") == raw[-2:]


def is_tox(digits: str) -> bool:
    """Whether 76 hexadecimal digits are a Tox ID: the last two bytes are the others' exclusive or, two by two."""
    raw = bytes.fromhex(digits)
    return not (any(_fold(raw[0::2])) or any(_fold(raw[1::2])))


def _fold(data: bytes) -> bytes:
    folded = 0
    for byte in data:
        folded ^= byte
    return bytes((folded,))


def is_ethereum(text: str) -> bool:
    """Whether `text` is `0x` and 40 hexadecimal digits, with a right EIP-55 checksum where it mixes cases."""
    digits = text[2:]
    if digits in (digits.lower(), digits.upper()):
        return True
    hashed = keccak256(digits.lower().encode("ascii")).hex()
    return all(
        char.isupper() == (int(nibble, 16) >= 8) for char, nibble in zip(digits, hashed, strict=False) if char.isalpha()
    )


def is_monero(text: str) -> bool:
    """Whether `text` is a Monero main-net address."""
    raw = bytearray()
    for at in range(0, len(text), _MONERO_BLOCK_CHARS):
        block = text[at : at + _MONERO_BLOCK_CHARS]
        size = _MONERO_TAIL_BYTES.get(len(block))
        number = _base58_number(block, _BASE58)
        if size is None or number is None or number >= 1 << (8 * size):
            return False
        raw += number.to_bytes(size, "big")
    return len(raw) > 4 and raw[0] in _MONERO_NETWORKS and keccak256(bytes(raw[:-4]))[:4] == bytes(raw[-4:])


def is_onion_v3(label: str) -> bool:
    """Whether `label` (56 base-32 characters, without `.onion`) is a version 3 onion address."""
    try:
        raw = base64.b32decode(label.upper())
    except binascii.Error:
        return False
    key, checksum, version = raw[:32], raw[32:34], raw[34:]
    return version == b"\x03" and hashlib.sha3_256(b".onion checksum" + key + version).digest()[:2] == checksum


def is_iban(text: str) -> bool:
    """Whether `text` (no blanks) is an IBAN: known country, its length, remainder 1 by 97."""
    if _IBAN_CHARS.get(text[:2]) != len(text):
        return False
    moved = text[4:] + text[:4]
    return moved.isalnum() and moved.isascii() and int("".join(str(int(char, 36)) for char in moved)) % 97 == 1


def is_ssdeep_block(size: int) -> bool:
    """Whether `size` is a block size of ssdeep: 3 times a power of two."""
    return size >= 3 and size % 3 == 0 and (size // 3) & (size // 3 - 1) == 0


def keccak256(data: bytes) -> bytes:
    """Keccak-256 with the original padding (0x01), as Ethereum and Monero use it; SHA3-256 pads otherwise."""
    rate = 136
    padded = bytearray(data)
    padded += b"\x01" + b"\x00" * ((-len(data) - 1) % rate)
    padded[-1] |= 0x80
    lanes = [0] * 25
    for block in range(0, len(padded), rate):
        for lane in range(rate // 8):
            lanes[lane] ^= int.from_bytes(padded[block + 8 * lane : block + 8 * lane + 8], "little")
        _keccak_permute(lanes)
    return b"".join(lane.to_bytes(8, "little") for lane in lanes[:4])


_MASK64 = (1 << 64) - 1


def _round_constants() -> tuple[int, ...]:
    """The 24 round constants of Keccak-f[1600], from its linear feedback shift register."""
    constants, register = [], 1
    for _ in range(24):
        constant = 0
        for bit in range(7):
            if register & 1:
                constant |= 1 << ((1 << bit) - 1)
            register = (register << 1) ^ (0x171 if register & 0x80 else 0)
        constants.append(constant)
    return tuple(constants)


_ROUNDS = _round_constants()


def _rotate(lane: int, by: int) -> int:
    by %= 64
    return ((lane << by) | (lane >> (64 - by))) & _MASK64 if by else lane


def _keccak_permute(lanes: list[int]) -> None:
    """Keccak-f[1600] in place; lane (x, y) is at x + 5 y."""
    for constant in _ROUNDS:
        columns = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        for x in range(5):
            mix = columns[(x + 4) % 5] ^ _rotate(columns[(x + 1) % 5], 1)
            for y in range(0, 25, 5):
                lanes[x + y] ^= mix
        x, y, lane = 1, 0, lanes[1]
        for step in range(24):
            x, y = y, (2 * x + 3 * y) % 5
            lane, lanes[x + 5 * y] = lanes[x + 5 * y], _rotate(lane, (step + 1) * (step + 2) // 2)
        for y in range(0, 25, 5):
            row = lanes[y : y + 5]
            for x in range(5):
                lanes[x + y] = row[x] ^ (~row[(x + 1) % 5] & _MASK64 & row[(x + 2) % 5])
        lanes[0] ^= constant


def _double_sha(data: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(data).digest()).digest()


def _base58_number(text: str, alphabet: str) -> int | None:
    number = 0
    for char in text:
        digit = alphabet.find(char)
        if digit < 0:
            return None
        number = number * 58 + digit
    return number


def _base58_bytes(text: str, alphabet: str) -> bytes | None:
    number = _base58_number(text, alphabet)
    if number is None:
        return None
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return b"\x00" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def _bech32_polymod(values: list[int]) -> int:
    checksum = 1
    for value in values:
        top = checksum >> 25
        checksum = ((checksum & 0x1FFFFFF) << 5) ^ value
        for bit, generator in enumerate(_BECH32_GENERATOR):
            checksum ^= generator if (top >> bit) & 1 else 0
    return checksum
