#include <algorithm>

#include "kernels/arrays/restore.hpp"
#include "kernels/arrays/restore_ref.hpp"
#include "kernels/trellis/trellis.hpp"
#include "store/blob/quantized/bank.hpp"
#include "store/blob/quantized/quantized.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {
namespace {

template <class Symbol>
RecycledRoom<Symbol> symbols_of(const Parts& parts) {
  const Header& h = parts.header;
  RecycledRoom<Symbol> out(h.geometry.count);
  const auto table = [&](std::size_t i) -> const kernels::DecodeTable& {
    return bank_table<Symbol>(h.sections[i]).decode;
  };
  decode_words<Symbol>(parts.words, h.geometry, 1U << h.log2_lanes, table, out);
  return out;
}

/// Numbers of integers, each of which is stored with `zero` added.
template <class Symbol, class Out>
class Restorer {
 public:
  Restorer(const Header& header, std::span<const Symbol> symbols, std::int32_t zero, Out* out)
      : h_(header), g_(h_.geometry), steps_(steps_of(h_)), symbols_(symbols), zero_(zero), out_(out) {}
  /// ready(n) is called before symbols are read: the first n are needed.
  template <class Ready>
  void run(Ready ready) {
    for (std::uint64_t row = 0; row < g_.rows; ++row) {
      if (row % g_.rows_per_section == 0) ready((row + g_.rows_together(row)) * g_.row_size);
      restore_row(row);
    }
    for (std::size_t i = 0; i < h_.exceptions.size(); ++i) mend(h_.exceptions[i].position);
  }

 private:
  [[nodiscard]] kernels::Affine affine(std::uint64_t row) const {
    const std::uint64_t c = g_.channel_of(row);
    return {g_.haar ? steps_.step[c] * 0.5F : steps_.step[c], steps_.center[c]};
  }
  void restore_row(std::uint64_t row) {
    const auto offsets = g_.band_offsets(row);
    Out* const out = out_ + row * g_.row_size;
    const std::span<const Symbol> symbols(symbols_.data() + offsets[0], g_.haar ? 0 : g_.row_size);
    if (g_.columns) {
      kernels::restore_columns(symbols, zero_, steps_.step.data(), steps_.center.data(), out);
    } else if (!g_.haar) {
      kernels::restore(symbols, zero_, affine(row), out);
    } else {
      restore_planes(row, offsets, out);
    }
  }
  void restore_planes(std::uint64_t row, const std::array<std::uint64_t, 4>& offsets, Out* out) {
    const kernels::Affine a = affine(row);
    for (std::uint64_t plane = 0; plane < g_.planes; ++plane) {
      kernels::HaarBands<const Symbol> bands{{}, g_.height, g_.width};
      for (std::size_t b = 0; b < 4; ++b) bands.band[b] = symbols_.data() + offsets[b] + plane * g_.band_size(b);
      kernels::restore_haar(bands, zero_, a, out + plane * g_.height * g_.width);
    }
  }

  // ---- exceptions: their numbers are made again, from the integers that they stand for ----

  [[nodiscard]] std::int64_t integer(std::uint64_t position) const {
    const auto at = std::ranges::lower_bound(h_.exceptions, position, {}, &Exception::position);
    const bool found = at != h_.exceptions.end() && at->position == position;
    return std::int64_t{symbols_[position]} - zero_ + (found ? at->beyond : 0);
  }
  /// The row whose symbols hold the position: that of the section's rows in which it lies.
  void mend(std::uint64_t position) {
    const std::uint64_t first = position / g_.row_size / g_.rows_per_section * g_.rows_per_section;
    const std::uint64_t together = g_.rows_together(first);
    std::uint64_t at = position - first * g_.row_size;
    for (std::size_t band = 0; band < g_.bands(); ++band) {
      const std::uint64_t of_row = g_.planes * g_.band_size(band);
      if (at < together * of_row) return mend_at(first + at / of_row, band, at % of_row, position);
      at -= together * of_row;
    }
  }
  void mend_at(std::uint64_t row, std::size_t band, std::uint64_t at, std::uint64_t position) {
    Out* const out = out_ + row * g_.row_size;
    if (!g_.haar) {
      const kernels::Affine a = g_.columns ? kernels::Affine{steps_.step[at], steps_.center[at]} : affine(row);
      out[at] = kernels::number_of<Out>(integer(position), a);
      return;
    }
    const std::uint64_t plane = at / g_.band_size(band), place = at % g_.band_size(band);
    const std::uint64_t low = (g_.width + 1) / 2, high = g_.width / 2;
    const std::uint64_t wide = (band & 1U) != 0 ? high : low;
    mend_place(row, plane, place / wide, place % wide, out + plane * g_.height * g_.width);
  }
  void mend_place(std::uint64_t row, std::uint64_t plane, std::uint64_t y, std::uint64_t x, Out* out) {
    const auto offsets = g_.band_offsets(row);
    const auto at = [&](std::size_t b, std::uint64_t wide) {
      return integer(offsets[b] + plane * g_.band_size(b) + y * wide + x);
    };
    const std::uint64_t low = (g_.width + 1) / 2, high = g_.width / 2;
    const bool right = x < high, below = 2 * y + 1 < g_.height;
    const kernels::HaarPlace<std::int64_t> q{at(0, low), right ? at(1, high) : 0, below ? at(2, low) : 0,
                                             right && below ? at(3, high) : 0};
    kernels::put_place(q, y, x, g_.height, g_.width, affine(row), out);
  }

  const Header& h_;
  const Geometry& g_;
  Steps steps_;
  std::span<const Symbol> symbols_;
  std::int32_t zero_;
  Out* out_;
};

/// Follows the trellises just ahead of where integers are read, while they are near.
template <class Symbol>
class Follower {
 public:
  explicit Follower(std::span<const Symbol> symbols) : symbols_(symbols), integers_(symbols.size()) {}
  void to(std::uint64_t end) {
    constexpr std::uint64_t kRow = kernels::kTrellisLanes;
    end = std::min<std::uint64_t>((end + kRow - 1) / kRow * kRow, symbols_.size());
    if (end <= at_) return;
    kernels::follow_trellis(symbols_.subspan(at_, end - at_), Alphabet<Symbol>::zero, states_, integers_.data() + at_);
    at_ = end;
  }
  [[nodiscard]] std::span<const std::uint16_t> integers() const noexcept { return integers_; }

 private:
  std::span<const Symbol> symbols_;
  RecycledRoom<std::uint16_t> integers_;
  kernels::TrellisStates states_;
  std::uint64_t at_ = 0;
};

template <class Symbol, class Out>
void decode_with(const Parts& parts, Out* out) {
  const Header& h = parts.header;
  const RecycledRoom<Symbol> symbols = symbols_of<Symbol>(parts);
  if (!h.trellis) return Restorer<Symbol, Out>(h, symbols, Alphabet<Symbol>::zero, out).run([](std::uint64_t) {});
  Follower<Symbol> follower(symbols);
  Restorer<std::uint16_t, Out> restorer(h, follower.integers(), kernels::kMultipleZero, out);
  restorer.run([&](std::uint64_t end) { follower.to(end); });
}

template <class Out>
void decode_to(const Parts& parts, std::span<std::byte> bytes) {
  Out* const out = reinterpret_cast<Out*>(bytes.data());
  if (parts.header.wide) return decode_with<std::uint16_t>(parts, out);
  decode_with<std::uint8_t>(parts, out);
}

}  // namespace

void decode_quantized(const Parts& parts, NumberType type, std::span<std::byte> out) {
  if (type == NumberType::f32) decode_to<float>(parts, out);
  if (type == NumberType::f16) decode_to<kernels::Half>(parts, out);
  if (type == NumberType::bf16) decode_to<kernels::Brain>(parts, out);
}

}  // namespace vaerans::blob
