"""Bytes, bits, and the numbers that are written in them (docs/format.md, "Numbers")."""

import struct
import unicodedata


class FormatError(Exception):
    """The bytes are not what docs/format.md allows."""


class ChecksumError(FormatError):
    """The file's CRC-32 is not that of its bytes."""


def unzigzag(z: int) -> int:
    """0, 1, 2, 3, 4 … stand for 0, −1, 1, −2, 2 …"""
    return z // 2 if z % 2 == 0 else -(z // 2) - 1


def positive_first_unzigzag(z: int) -> int:
    """0, 1, 2, 3, 4 … stand for 0, 1, −1, 2, −2 …"""
    return -(z // 2) if z % 2 == 0 else z // 2 + 1


class ByteReader:
    """Takes numbers from the front of some bytes, and never reads beyond their end."""

    def __init__(self, data: bytes, part: str):
        self.data, self.part, self.at = data, part, 0

    def fail(self, what: str):
        raise FormatError(f"{self.part}, byte {self.at}: {what}")

    def take(self, n: int) -> bytes:
        if n > len(self.data) - self.at:
            self.fail("the data end too early")
        self.at += n
        return self.data[self.at - n : self.at]

    def unpack(self, code: str):
        """One little-endian number of struct's type `code`."""
        return struct.unpack("<" + code, self.take(struct.calcsize("<" + code)))[0]

    def u8(self) -> int:
        return self.unpack("B")

    def varint(self) -> int:
        """LEB128: seven bits a byte, low bits first; the top bit says that another byte follows."""
        value = 0
        for shift in range(0, 70, 7):
            byte = self.u8()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                if byte == 0 and shift > 0:
                    self.fail("a number in more bytes than it needs")
                if value >> 64 != 0:
                    break
                return value
        return self.fail("a number of more than 64 bits")

    def svarint(self) -> int:
        return unzigzag(self.varint())

    def text(self) -> str:
        length = self.varint()
        if length > 256:
            self.fail(f"a text of {length} bytes")
        try:
            text = self.take(length).decode()
        except UnicodeDecodeError:
            return self.fail("a text that is no UTF-8")
        if any(unicodedata.category(character) == "Cc" for character in text):
            self.fail("a text with control characters")
        return text

    def rest(self) -> bytes:
        return self.take(len(self.data) - self.at)

    def expect_end(self):
        if self.at != len(self.data):
            self.fail(f"{len(self.data) - self.at} bytes are left over")


class BitReader:
    """Takes bits from the front of some bytes, the most significant first."""

    def __init__(self, data: bytes, part: str):
        self.data, self.part, self.at = data, part, 0

    def fail(self, what: str):
        raise FormatError(f"{self.part}, bit {self.at}: {what}")

    def bit(self) -> int:
        if self.at == 8 * len(self.data):
            self.fail("the data end too early")
        self.at += 1
        return self.data[(self.at - 1) // 8] >> (7 - (self.at - 1) % 8) & 1

    def bits(self, n: int) -> int:
        value = 0
        for _ in range(n):
            value = 2 * value + self.bit()
        return value

    def golomb(self, k: int) -> int:
        """Exp-Golomb of order k: z zeros, a one, then z + k more bits below it; 2^k is taken off."""
        zeros = 0
        while self.bit() == 0:
            zeros += 1
            if zeros + k > 40:
                self.fail("a number of more than 40 bits")
        return (1 << (zeros + k)) + self.bits(zeros + k) - (1 << k)

    def signed_golomb(self, k: int) -> int:
        return unzigzag(self.golomb(k))

    def expect_end(self):
        """Fewer than eight bits may be left, all of them zero."""
        left = 8 * len(self.data) - self.at
        if left >= 8 or self.bits(left) != 0:
            self.fail("something is left over")


def golomb_order_after(before: int) -> int:
    """The order for a frequency or count whose neighbour in the table is `before`."""
    return max(before.bit_length() - 2, 0)
