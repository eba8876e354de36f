#include <algorithm>

#include "kernels/trellis/trellis.hpp"
#include "store/blob/quantized/bank.hpp"
#include "store/blob/quantized/finite.hpp"
#include "store/blob/quantized/quantized.hpp"
#include "store/blob/quantized/restorer.hpp"
#include "store/blob/words.hpp"

namespace vaerans::blob {
namespace {

template <class Symbol>
auto tables_of(const Header& h) {
  return [&h](std::size_t i) -> const kernels::DecodeTable& { return bank_table<Symbol>(h.sections[i]).decode; };
}

template <class Symbol>
RecycledRoom<Symbol> symbols_of(const Parts& parts) {
  const Header& h = parts.header;
  RecycledRoom<Symbol> out(h.geometry.count);
  decode_words<Symbol>(parts.words, h.geometry, 1U << h.log2_lanes, tables_of<Symbol>(h), out);
  return out;
}

using Bytes = RecycledRoom<std::uint8_t>;

/// The symbols of two blobs in the time of little more than one. False: as kernels::decode_both().
bool symbols_of_both(const Parts& a, const Parts& b, Bytes& symbols, Bytes& others) {
  const Header &h = a.header, &g = b.header;
  if (h.wide || g.wide || h.log2_lanes != g.log2_lanes) return false;
  symbols.resize(h.geometry.count);
  others.resize(g.geometry.count);
  const auto one = segments_of<std::uint8_t>(h.geometry, tables_of<std::uint8_t>(h), symbols);
  const auto two = segments_of<std::uint8_t>(g.geometry, tables_of<std::uint8_t>(g), others);
  const PayloadWords words(a.words), more(b.words);
  return kernels::decode_both(words.words(), one, more.words(), two, 1U << h.log2_lanes);
}

/// All numbers, row by row. ready(n) is called before symbols are read: the first n are needed.
template <class Symbol, class Out>
class Rows {
 public:
  Rows(const Header& header, const Restorer<Symbol>& restorer, Out* out)
      : h_(header), g_(h_.geometry), restorer_(restorer), steps_(steps_of(h_)), out_(out) {}
  template <class Ready>
  void run(Ready ready) {
    for (std::uint64_t row = 0; row < g_.rows; ++row) {
      if (row % g_.rows_per_section == 0) ready((row + g_.rows_together(row)) * g_.row_size);
      restorer_.row(row, steps_, out_ + row * g_.row_size);
    }
    for (const Exception& e : h_.exceptions) mend(symbol_place(g_, e.position), e.position);
  }

 private:
  /// A number of an exception is made again, from the integers that it stands for.
  void mend(const SymbolPlace& place, std::uint64_t position) {
    Out* const out = out_ + place.row * g_.row_size;
    if (g_.haar) {
      const HaarCell cell = haar_cell(g_, place);
      kernels::put_place(restorer_.integers(place.row, cell), cell.y, cell.x, g_.height, g_.width,
                         restorer_.affine(place.row, steps_), out + cell.plane * g_.height * g_.width);
      return;
    }
    const kernels::Affine affine = g_.columns ? kernels::Affine{steps_.step[place.at], steps_.center[place.at]}
                                              : restorer_.affine(place.row, steps_);
    out[place.at] = kernels::number_of<Out>(restorer_.integer(position), affine);
  }

  const Header& h_;
  const Geometry& g_;
  const Restorer<Symbol>& restorer_;
  Steps steps_;
  Out* out_;
};

/// The same where channels are rotated: integers of all channels first, then sums of them.
template <class Symbol, class Out>
class RotatedRows {
 public:
  RotatedRows(const Header& header, const Restorer<Symbol>& restorer, Out* out)
      : h_(header), g_(h_.geometry), restorer_(restorer), out_(out), integers_(g_.channels * g_.row_size) {
    const Steps steps = steps_of(h_);
    for (std::uint64_t c = 0; c < g_.channels; ++c) {
      affines_.push_back(restorer_.affine(c, steps));
      affines_.back().step *= 1.0F / kRotationUnit;
    }
  }
  template <class Ready>
  void run(Ready ready) {
    const RecycledVector<float> ones(g_.channels, g_.haar ? 2.0F : 1.0F);
    const Steps whole{ones, RecycledVector<float>(g_.channels)};
    for (std::uint64_t row = 0; row < g_.rows; ++row) {
      if (row % g_.rows_per_section == 0) ready((row + g_.rows_together(row)) * g_.row_size);
      const std::uint64_t channel = g_.channel_of(row);
      restorer_.row(row, whole, integers_.data() + channel * g_.row_size);
      if (channel + 1 < g_.channels) continue;
      kernels::restore_rotated(integers_.data(), g_.channels, g_.row_size, h_.rotation.data(), affines_.data(),
                               out_ + (row - channel) * g_.row_size);
    }
    mend();
  }

 private:
  using Place = kernels::HaarPlace<std::int64_t>;

  /// An exception is in the numbers of all channels. Each place once, however many exceptions it has.
  void mend() {
    RecycledVector<std::uint64_t> places;
    for (const Exception& e : h_.exceptions) places.push_back(number_of_place(symbol_place(g_, e.position)));
    std::ranges::sort(places);
    places.erase(std::ranges::unique(places).begin(), places.end());
    for (const std::uint64_t place : places) mend_at(place / g_.row_size * g_.channels, place % g_.row_size);
  }
  /// Numbers the places: by the first number that one makes, in the rows of the first channel.
  [[nodiscard]] std::uint64_t number_of_place(const SymbolPlace& place) const {
    std::uint64_t at = place.at;
    if (g_.haar) {
      const HaarCell cell = haar_cell(g_, place);
      at = (cell.plane * g_.height + 2 * cell.y) * g_.width + 2 * cell.x;
    }
    return place.row / g_.channels * g_.row_size + at;
  }
  void mend_at(std::uint64_t first_row, std::uint64_t at) {
    const std::uint64_t plane = at / (g_.height * g_.width), inside = at % (g_.height * g_.width);
    const HaarCell cell{plane, inside / g_.width / 2, inside % g_.width / 2};
    RecycledVector<Place> places(g_.channels);
    for (std::uint64_t k = 0; k < g_.channels; ++k)
      places[k] = g_.haar ? restorer_.integers(first_row + k, cell)
                          : Place{restorer_.integer(g_.band_offsets(first_row + k)[0] + at)};
    for (std::uint64_t c = 0; c < g_.channels; ++c) {
      Out* const row = out_ + (first_row + c) * g_.row_size;
      const Place sum = rotated(places, c);
      if (!g_.haar) row[at] = kernels::number_of<Out>(sum.l, affines_[c]);
      if (g_.haar)
        kernels::put_place(sum, cell.y, cell.x, g_.height, g_.width, affines_[c], row + plane * g_.height * g_.width);
    }
  }
  [[nodiscard]] Place rotated(std::span<const Place> places, std::uint64_t channel) const {
    Place sum;
    for (std::uint64_t k = 0; k < places.size(); ++k) {
      const std::int64_t factor = int{h_.rotation[channel * g_.channels + k]};
      sum.l += factor * places[k].l;
      sum.h += factor * places[k].h;
      sum.v += factor * places[k].v;
      sum.d += factor * places[k].d;
    }
    return sum;
  }

  const Header& h_;
  const Geometry& g_;
  const Restorer<Symbol>& restorer_;
  Out* out_;
  RecycledRoom<kernels::Whole> integers_;
  RecycledVector<kernels::Affine> affines_;
};

/// Follows the trellises just ahead of where integers are read. It keeps those of the rows that stand together and no
/// others, so that they stay in the caches, unless exceptions will ask for any of them.
template <class Symbol>
class Follower {
 public:
  Follower(const Header& h, std::span<const Symbol> symbols)
      : symbols_(symbols), all_(!h.exceptions.empty()), integers_(all_ ? symbols.size() : room_for(h.geometry)) {}
  /// Returns the position of the first integer that is kept. The next ones, up to `end`, are needed.
  std::uint64_t to(std::uint64_t end) {
    if (!all_) {
      std::copy(integers_.data() + (needed_ - first_), integers_.data() + (at_ - first_), integers_.data());
      first_ = needed_;
    }
    needed_ = end;
    end = std::min<std::uint64_t>((end + kRow - 1) / kRow * kRow, symbols_.size());
    if (end <= at_) return first_;
    kernels::follow_trellis(symbols_.subspan(at_, end - at_), Alphabet<Symbol>::zero, states_,
                            integers_.data() + (at_ - first_));
    at_ = end;
    return first_;
  }
  [[nodiscard]] std::span<const std::uint16_t> integers() const noexcept { return integers_; }

 private:
  static constexpr std::uint64_t kRow = kernels::kTrellisLanes;

  static std::uint64_t room_for(const Geometry& g) {
    return std::min(g.count, std::min(g.rows, g.rows_per_section) * g.row_size + kRow);
  }

  std::span<const Symbol> symbols_;
  bool all_;
  RecycledRoom<std::uint16_t> integers_;
  kernels::TrellisStates states_;
  std::uint64_t first_ = 0, needed_ = 0, at_ = 0;
};

template <class Symbol, class Out, class Ready>
void restore_all(const Header& h, const Restorer<Symbol>& restorer, Out* out, Ready ready) {
  if (h.rotation.empty()) {
    Rows<Symbol, Out>(h, restorer, out).run(ready);
  } else {
    RotatedRows<Symbol, Out>(h, restorer, out).run(ready);
  }
}

template <class Symbol, class Out>
void restore_symbols(const Header& h, std::span<const Symbol> symbols, Out* out) {
  if (!h.trellis) {
    const Restorer<Symbol> restorer(h, symbols, Alphabet<Symbol>::zero);
    return restore_all(h, restorer, out, [](std::uint64_t) {});
  }
  Follower<Symbol> follower(h, symbols);
  Restorer<std::uint16_t> restorer(h, follower.integers(), kernels::kMultipleZero);
  restore_all(h, restorer, out, [&](std::uint64_t end) { restorer.from(follower.to(end)); });
}

template <class Symbol>
void restore_to(const Header& h, std::span<const Symbol> symbols, NumberType type, std::span<std::byte> bytes) {
  const auto to = [&]<class Out>(Out*) { restore_symbols(h, symbols, reinterpret_cast<Out*>(bytes.data())); };
  if (type == NumberType::f32) to(static_cast<float*>(nullptr));
  if (type == NumberType::f16) to(static_cast<kernels::Half*>(nullptr));
  if (type == NumberType::bf16) to(static_cast<kernels::Brain*>(nullptr));
  if (type == h.type) make_finite(h, bytes);
}

}  // namespace

void decode_quantized(const Parts& parts, NumberType type, std::span<std::byte> out) {
  if (parts.header.wide) {
    const auto symbols = symbols_of<std::uint16_t>(parts);
    return restore_to<std::uint16_t>(parts.header, symbols, type, out);
  }
  const auto symbols = symbols_of<std::uint8_t>(parts);
  restore_to<std::uint8_t>(parts.header, symbols, type, out);
}

void restore_quantized(const Header& header, const Coded& coded, NumberType type, std::span<std::byte> out) {
  if (header.wide) return restore_to<std::uint16_t>(header, coded.wide, type, out);
  restore_to<std::uint8_t>(header, coded.bytes, type, out);
}

bool decode_quantized_both(const Parts& a, const Parts& b, NumberType type, std::span<std::byte> out,
                           std::span<std::byte> other_out) {
  Bytes symbols, others;
  if (!symbols_of_both(a, b, symbols, others)) return false;
  restore_to<std::uint8_t>(a.header, symbols, type, out);
  restore_to<std::uint8_t>(b.header, others, type, other_out);
  return true;
}

}  // namespace vaerans::blob
