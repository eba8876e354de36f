// The order in which the context coder visits a pyramid, and the neighbours that each band has on the way.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "coding/coder.hpp"
#include "coding/context/band_context.hpp"
#include "coding/context/context_prior.hpp"

namespace vaerans {

/// The packed layout of a wavelet (see kernels/dwt/dwt.hpp): for each channel LL, then HL, LH, HH from coarse to fine.
struct BandLayout {
  std::uint32_t channels = 0, levels = 0;
  std::uint64_t channel_size = 0;  ///< coefficients of one channel

  /// Subbands of one channel; a subband's key is its place among them.
  [[nodiscard]] std::size_t per_channel() const noexcept { return 1 + 3 * std::size_t{levels}; }
  [[nodiscard]] std::size_t index(std::uint32_t channel, std::size_t key) const noexcept {
    return channel * per_channel() + key;
  }
  /// Empty if the subbands are laid out in another way.
  [[nodiscard]] static std::optional<BandLayout> of(std::span<const Subband> subbands) noexcept;
};

/// One band of the walk.
struct BandVisit {
  std::uint32_t channel = 0;
  std::size_t row = 0;                 ///< row of the prior's weights
  std::uint64_t offset = 0, size = 0;  ///< where its indices lie in the item
  Above above = Above::nothing;
};

class ContextWalk {
 public:
  /// `subbands` must have a BandLayout that the prior fits. Takes work_bytes() of `work`.
  ContextWalk(const ContextPrior& prior, std::span<const Subband> subbands, Workspace& work) noexcept;

  [[nodiscard]] static std::size_t work_bytes(std::span<const Subband> subbands) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return q_.size(); }
  /// The indices, as load() or decode() left them.
  [[nodiscard]] std::span<std::int32_t> indices() const noexcept { return q_; }

  template <typename Symbol>
  void load(std::span<const Symbol> symbols, std::int32_t zero) noexcept {
    std::ranges::transform(symbols, q_.begin(), [&](Symbol s) { return std::int32_t{s} - zero; });
  }
  template <typename Symbol>
  void store(std::span<Symbol> symbols, std::int32_t zero) const noexcept {
    std::ranges::transform(q_, symbols.begin(), [&](std::int32_t q) { return static_cast<Symbol>(q + zero); });
  }

  /// Goes through known indices: sink.row(place of its first index, spreads without bias, means, indices) for each row
  /// of each band that is not all zero.
  template <typename Sink>
  void scan(Sink& sink);
  /// After scan(): body(band, whether all of it is zero) for each band with coefficients, in the order of the stream or
  /// in the reverse of it.
  template <typename Body>
  void for_each_band(bool backwards, Body body) const;

  /// Finds the indices: a band is all zero if source.zero_band(band) says so, or becomes what
  /// source.value(channel, place in the item, context) answers for each coefficient in turn.
  template <typename Source>
  void decode(std::uint32_t point, Source& source);

 private:
  /// What the padded planes of all bands of one level have in common. `first` is where the planes begin.
  struct Grid {
    std::size_t stride = 0, size = 0, first = 0;
  };
  enum class State : std::uint8_t { nothing, zero, coded };

  [[nodiscard]] const Subband& subband(std::uint32_t channel, std::size_t key) const noexcept {
    return subbands_[layout_.index(channel, key)];
  }
  [[nodiscard]] std::span<std::int32_t> indices(const Subband& s) const noexcept {
    return q_.subspan(s.offset, s.size());
  }
  /// The keys of a grid: LL and the coarsest details share the first.
  [[nodiscard]] static std::size_t grid_of(std::size_t key) noexcept { return key == 0 ? 0 : (key - 1) / 3; }
  [[nodiscard]] static std::size_t plane_samples(const std::array<Grid, 16>& grids, const BandLayout& layout) noexcept;
  [[nodiscard]] static std::array<Grid, 16> grids_of(std::span<const Subband> subbands,
                                                     const BandLayout& layout) noexcept;
  static std::size_t planes_of(const BandLayout& layout) noexcept { return 2 * std::size_t{layout.channels} + 2; }

  /// Place (0, 0) of a plane: which = 0, 1 of a channel: roots, values; of the sums: over channels, over others.
  [[nodiscard]] std::int16_t* plane(std::size_t key, std::size_t which) const noexcept;
  [[nodiscard]] std::int16_t* roots(std::uint32_t channel, std::size_t key) const noexcept {
    return plane(key, 2 * std::size_t{channel});
  }
  [[nodiscard]] std::int16_t* values(std::uint32_t channel, std::size_t key) const noexcept {
    return plane(key, 2 * std::size_t{channel} + 1);
  }
  [[nodiscard]] std::int16_t* sum_roots(std::size_t key) const noexcept {
    return plane(key, 2 * std::size_t{layout_.channels});
  }
  [[nodiscard]] std::int16_t* other_sum_roots(std::size_t key) const noexcept {
    return plane(key, 2 * std::size_t{layout_.channels} + 1);
  }
  [[nodiscard]] kernels::BandPlane band(std::uint32_t channel, std::size_t key) const noexcept;
  [[nodiscard]] kernels::BandNeighbors neighbors(std::uint32_t channel, std::size_t key) const noexcept;
  void add_parents(std::uint32_t channel, std::size_t key, kernels::BandNeighbors& out) const noexcept;
  [[nodiscard]] BandVisit visit(std::uint32_t channel, std::size_t key) const noexcept;
  [[nodiscard]] State& state(std::uint32_t channel, std::size_t key) const noexcept {
    return states_[layout_.index(channel, key)];
  }

  void reset() noexcept;
  void fill_planes(std::uint32_t channel, std::size_t key) noexcept;
  /// To be called after a band: adds it to the sums of its key.
  void add_to_sum(std::uint32_t channel, std::size_t key) noexcept;
  /// To be called after a level: for each band the sums of the two others.
  void add_others(std::size_t last_key) noexcept;
  template <typename Source>
  void decode_band(std::uint32_t channel, std::size_t key, std::uint32_t point, Source& source);

  const ContextPrior& prior_;
  std::span<const Subband> subbands_;
  BandLayout layout_;
  std::array<Grid, 16> grids_;
  std::span<std::int32_t> q_;       ///< all indices
  std::span<std::int32_t> sums_;    ///< sums of magnitudes over channels, for each key in the layout of channel 0
  std::span<std::int16_t> planes_;  ///< padded, for each key: channels x (roots, values), two of sums
  std::span<State> states_;         ///< one for each subband
  std::span<std::int32_t> spread_, mean_, scratch_;
};

template <typename Sink>
void ContextWalk::scan(Sink& sink) {
  reset();
  for (std::size_t key = 0; key < layout_.per_channel(); ++key) {
    for (std::uint32_t channel = 0; channel < layout_.channels; ++channel) {
      const Subband& s = subband(channel, key);
      const auto q = indices(s);
      if (q.empty()) continue;
      const bool zero = std::ranges::all_of(q, [](std::int32_t v) { return v == 0; });
      state(channel, key) = zero ? State::zero : State::coded;
      if (zero) continue;
      fill_planes(channel, key);
      const std::size_t row = visit(channel, key).row;
      const kernels::BandTaps taps(neighbors(channel, key), prior_.weights[row], true);
      const std::size_t w = kernels::whole_steps(s.w);
      for (std::size_t y = 0; y < s.h; ++y) {
        taps.row(y, spread_.first(w), mean_.first(w), scratch_);
        sink.row(s.offset + y * s.w, spread_.first(s.w), mean_.first(s.w), q.subspan(y * s.w, s.w));
      }
      add_to_sum(channel, key);
    }
    add_others(key);
  }
}

template <typename Body>
void ContextWalk::for_each_band(bool backwards, Body body) const {
  const std::size_t n = layout_.per_channel() * layout_.channels;
  for (std::size_t i = 0; i < n; ++i) {
    const std::size_t at = backwards ? n - 1 - i : i;
    const auto channel = static_cast<std::uint32_t>(at % layout_.channels);
    const std::size_t key = at / layout_.channels;
    if (state(channel, key) != State::nothing) body(visit(channel, key), state(channel, key) == State::zero);
  }
}

template <typename Source>
void ContextWalk::decode(std::uint32_t point, Source& source) {
  reset();
  for (std::size_t key = 0; key < layout_.per_channel(); ++key) {
    for (std::uint32_t channel = 0; channel < layout_.channels; ++channel) {
      const auto q = indices(subband(channel, key));
      if (q.empty()) continue;
      const bool zero = source.zero_band(visit(channel, key));
      state(channel, key) = zero ? State::zero : State::coded;
      if (zero) {
        std::ranges::fill(q, 0);
      } else {
        decode_band(channel, key, point, source);
        add_to_sum(channel, key);
      }
    }
    add_others(key);
  }
}

template <typename Source>
void ContextWalk::decode_band(std::uint32_t channel, std::size_t key, std::uint32_t point, Source& source) {
  const Subband& s = subband(channel, key);
  const std::size_t row = visit(channel, key).row;
  const kernels::ContextWeights& weights = prior_.weights[row];
  const std::int32_t bias = prior_.bias_of(row, point);
  const kernels::BandTaps taps(neighbors(channel, key), weights, false);
  const std::size_t w = kernels::whole_steps(s.w), stride = grids_[grid_of(key)].stride;
  for (std::size_t y = 0; y < s.h; ++y) {
    taps.row(y, spread_.first(w), mean_.first(w), scratch_);
    const std::size_t first = s.offset + y * s.w;
    std::int16_t* const root = roots(channel, key) + y * stride;
    std::int16_t* const value = values(channel, key) + y * stride;
    std::int32_t west = 0, second = 0;
    for (std::size_t x = 0; x < s.w; ++x) {
      const auto context = kernels::context_at(weights, spread_[x] + bias, mean_[x], west, second);
      const std::int32_t q = source.value(channel, first + x, context);
      q_[first + x] = q;
      root[x] = kernels::root_of(q);
      value[x] = kernels::value_for_mean(q);
      second = std::exchange(west, q);
    }
  }
}

}  // namespace vaerans
