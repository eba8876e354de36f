"""coder=context: a distribution for every coefficient, from what is known before it (docs/format.md, "2 context")."""

from ..mixing.neighbours import Band, Known, Plane, WeightedSum, mean_parts, root, spread_parts
from ..numbers import BitReader, ByteReader, FormatError, positive_first_unzigzag
from ..systems.subbands import HL, LH, LL, Subband
from .prior import CLASSES, SLOTS, VALUES, Prior, Priors, Weights
from .rans import IntervalRans

NO_PARENT, ZERO_PARENT, CODED_PARENT = range(3)


def decode(side_info: bytes, payload: bytes, subbands: list[Subband], max_symbol: int, priors: Priors) -> list[int]:
    reader = ByteReader(side_info, "ans side information")
    prior = priors.find(reader.unpack("I"))
    zero, point = reader.varint(), reader.u8()
    bits = BitReader(reader.rest(), "ans side information")
    shifts = [positive_first_unzigzag(bits.golomb(0)) for _ in range(prior.channels)]
    bits.expect_end()
    if point >= prior.points or any(abs(shift) > 2 for shift in shifts):
        reader.fail("the operating point or a shift is out of range")
    decoder = Decoder(prior, point, shifts, subbands, IntervalRans(payload))
    indices = decoder.decode()
    if not all(0 <= q + zero <= max_symbol for q in indices):
        raise FormatError("ans payload: a coefficient is out of range")
    return [q + zero for q in indices]


def spread_class(spread: int) -> int:
    t = min(max(spread >> 2, 8), (1 << 17) - 1)
    e = t.bit_length() - 4
    return 8 * e + (t >> e) - 8


class Decoder:
    def __init__(self, prior: Prior, point: int, shifts: list[int], subbands: list[Subband], rans: IntervalRans):
        self.prior, self.point, self.shifts, self.rans = prior, point, shifts, rans
        self.subbands = {(s.channel, s.level, s.orientation): s for s in subbands}
        self.levels = subbands[0].level
        if subbands[-1].channel + 1 != prior.channels or not 1 <= self.levels <= prior.levels:
            raise FormatError("the prior is not made for these subbands")
        self.indices = [0] * sum(s.size for s in subbands)
        self.bands: dict[tuple[int, int, int], Band] = {}  # those that are not all zero
        self.sums: dict[tuple[int, int], Plane] = {}  # (level, orientation): magnitudes over the channels so far
        self.sum_roots: dict[tuple[int, int], Plane] = {}
        self.others_roots: dict[tuple[int, int], Plane] = {}

    def decode(self) -> list[int]:
        self.decode_channels(self.levels, LL)
        for level in range(self.levels, 0, -1):
            for orientation in (1, 2, 3):
                self.decode_channels(level, orientation)
            self.sum_others(level)
        self.rans.finish()
        return self.indices

    def decode_channels(self, level: int, orientation: int):
        size = self.subbands[0, level, orientation]
        self.sums[level, orientation] = Plane(size.height, size.width)
        self.sum_roots[level, orientation] = Plane(size.height, size.width)
        for channel in range(self.prior.channels):
            subband = self.subbands[channel, level, orientation]
            weights = self.prior.weights_of(channel, level, orientation)
            if subband.size > 0 and not self.is_zero(subband, weights.biases[self.point]):
                self.decode_coefficients(subband, weights)

    def is_zero(self, subband: Subband, bias: int) -> bool:
        zero = self.prior.distribution(spread_class(bias), 0)[1]
        expectation = min((subband.size * (SLOTS - zero) >> 10).bit_length(), 15)
        f = self.prior.zero[expectation][self.kind_of_parent(subband)]
        return self.rans.symbol([0, f, SLOTS]) == 0

    def kind_of_parent(self, subband: Subband) -> int:
        key = (subband.channel, subband.level + 1, subband.orientation)
        if subband.orientation == LL or subband.level == self.levels or self.subbands[key].size == 0:
            return NO_PARENT
        return CODED_PARENT if key in self.bands else ZERO_PARENT

    def decode_coefficients(self, subband: Subband, weights: Weights):
        band = Band(subband.height, subband.width)
        known = self.known_of(subband, band)
        spread, mean = WeightedSum(spread_parts(known, weights)), WeightedSum(mean_parts(known, weights))
        bias, shift = weights.biases[self.point], self.shifts[subband.channel]
        for y in range(subband.height):
            for x in range(subband.width):
                q = self.coefficient(bias + spread.at(y, x), mean.at(y, x), shift)
                band.set(y, x, q)
                self.indices[subband.offset + y * subband.width + x] = q
        self.bands[subband.channel, subband.level, subband.orientation] = band
        self.add_to_sums(subband)

    def known_of(self, subband: Subband, own: Band) -> Known:
        channel, level, orientation = subband.channel, subband.level, subband.orientation
        siblings = [o if o < orientation else None for o in (HL, LH)]
        has_parent = orientation != LL and level < self.levels
        others = [o for o in (1, 2, 3) if has_parent and o != orientation] or [None, None]
        return Known(
            own=own,
            previous=[self.bands.get((channel - i, level, orientation)) for i in (1, 2, 3)],
            previous_sum=self.sum_roots[level, orientation],
            siblings=[self.bands.get((channel, level, o)) for o in siblings],
            sibling_sums=[self.sum_roots.get((level, o)) for o in siblings],
            parent=self.bands.get((channel, level + 1, orientation)) if has_parent else None,
            parent_sum=self.sum_roots[level + 1, orientation] if has_parent else None,
            others=[self.bands.get((channel, level + 1, o)) for o in others],
            others_sum=self.others_roots[level + 1, orientation] if has_parent else None,
        )

    def coefficient(self, spread: int, mean: int, shift: int) -> int:
        centre = (mean + 128) >> 8
        d = mean - 256 * centre
        chosen = min(max(spread_class(spread) + 2 * shift, 0), CLASSES - 1)
        low_bits = (chosen - 56) // 6 - 2 if chosen >= 74 else 0
        z = self.rans.symbol(self.prior.distribution(chosen, (abs(d) + 32) >> 6))
        v = positive_first_unzigzag(self.escaped() if z == VALUES else z)
        v = (v << low_bits) + self.rans.bits(low_bits)
        return centre - v if d < 0 else centre + v

    def escaped(self) -> int:
        width = self.rans.bits(5)
        high = self.rans.bits(width // 2)
        return (1 << width | high << (width - width // 2) | self.rans.bits(width - width // 2)) - 1

    def add_to_sums(self, subband: Subband):
        sums, roots = (of[subband.level, subband.orientation] for of in (self.sums, self.sum_roots))
        for i, q in enumerate(self.indices[subband.places]):
            at = sums.at(i // subband.width, i % subband.width)
            sums.values[at] += min(abs(q), 4095)
            roots.values[at] = root(sums.values[at])

    def sum_others(self, level: int):
        """After a level: for each orientation r of the magnitudes in the two others, over all channels."""
        for orientation in (1, 2, 3):
            own = self.sums[level, orientation]
            first, second = (self.sums[level, o] for o in (1, 2, 3) if o != orientation)
            roots = self.others_roots[level, orientation] = Plane(own.height, own.width)
            for y in range(own.height):
                for x in range(own.width):
                    roots.values[roots.at(y, x)] = root(first.within(y, x) + second.within(y, x))
