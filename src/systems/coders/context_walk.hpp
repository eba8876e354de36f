// The order in which the context coder visits a pyramid, and the neighbours that each band has on the way.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "kernels/band_context.hpp"
#include "systems/coders/coder.hpp"
#include "systems/coders/context_prior.hpp"

namespace vaerans {

/// The packed layout of a wavelet (see kernels/dwt.hpp): for each channel LL, then HL, LH, HH from coarse to fine.
struct BandLayout {
  std::uint32_t channels = 0, levels = 0;
  std::uint64_t channel_size = 0;  ///< coefficients of one channel

  /// Sections of one channel.
  [[nodiscard]] std::size_t per_channel() const noexcept { return 1 + 3 * std::size_t{levels}; }
  [[nodiscard]] std::size_t index(std::uint32_t channel, std::size_t key) const noexcept {
    return channel * per_channel() + key;
  }
  /// Nothing if the sections are laid out in another way.
  [[nodiscard]] static std::optional<BandLayout> of(std::span<const Section> sections) noexcept;
};

class ContextWalk {
 public:
  /// pyramid.sections must have a BandLayout.
  ContextWalk(const ContextPrior& prior, const Pyramid& pyramid) noexcept;

  [[nodiscard]] static std::size_t work_size(std::span<const Section> sections) noexcept;
  [[nodiscard]] std::size_t size() const noexcept { return q_.size(); }
  /// The indices, as load() or forwards() left them.
  [[nodiscard]] std::span<std::int32_t> indices() const noexcept { return q_; }

  template <typename Symbol>
  void load(std::span<const Symbol> symbols, std::int32_t zero) noexcept {
    std::ranges::transform(symbols, q_.begin(), [&](Symbol s) { return std::int32_t{s} - zero; });
  }
  template <typename Symbol>
  void store(std::span<Symbol> symbols, std::int32_t zero) const noexcept {
    std::ranges::transform(q_, symbols.begin(), [&](std::int32_t q) { return static_cast<Symbol>(q + zero); });
  }

  /// Encoding: sink.row(channel, contexts, indices) for every row, the last of the last band first.
  template <typename Sink>
  void backwards(std::uint32_t point, Sink& sink);
  /// Decoding: indices become source.value(channel, place in the item, context), from the first to the last.
  template <typename Source>
  void forwards(std::uint32_t point, Source& source);

 private:
  [[nodiscard]] const Section& section(std::uint32_t channel, std::size_t key) const noexcept {
    return sections_[layout_.index(channel, key)];
  }
  [[nodiscard]] kernels::BandPlane plane(std::uint32_t channel, std::size_t key) const noexcept;
  [[nodiscard]] kernels::BandPlane sum_plane(std::size_t key) const noexcept;
  [[nodiscard]] kernels::BandNeighbours neighbours(std::uint32_t channel, std::size_t key) const noexcept;
  void sum_all() noexcept;
  void add_to_sum(std::uint32_t channel, std::size_t key, std::int32_t sign) noexcept;

  /// A band with all that its rows need.
  struct Visit {
    kernels::BandNeighbours neighbours;
    const kernels::ContextWeights* weights;
    std::int32_t bias;
    kernels::BandPlane band;
    std::span<std::int32_t> q;
  };
  [[nodiscard]] Visit visit(std::uint32_t channel, std::size_t key, std::uint32_t point) const noexcept;

  const ContextPrior& prior_;
  std::span<const Section> sections_;
  BandLayout layout_;
  std::span<std::int32_t> q_;     ///< all indices
  std::span<std::int32_t> sums_;  ///< sums of magnitudes over channels, one plane for each key
  std::span<std::int32_t> spread_, mean_;
  std::span<kernels::Context> contexts_;
};

template <typename Sink>
void ContextWalk::backwards(std::uint32_t point, Sink& sink) {
  sum_all();
  for (std::size_t key = layout_.per_channel(); key-- > 0;) {
    for (std::uint32_t channel = layout_.channels; channel-- > 0;) {
      add_to_sum(channel, key, -1);
      const Visit v = visit(channel, key, point);
      for (std::uint32_t y = v.band.h; y-- > 0;) {
        const auto q = v.q.subspan(std::size_t{y} * v.band.w, v.band.w);
        const auto spread = spread_.first(v.band.w), mean = mean_.first(v.band.w);
        kernels::context_row(v.neighbours, *v.weights, v.bias, v.band, y, spread, mean);
        std::int32_t west = 0, second = 0;
        for (std::size_t x = 0; x < q.size(); ++x) {
          contexts_[x] = kernels::context_at(*v.weights, spread[x], mean[x], west, second);
          second = std::exchange(west, q[x]);
        }
        sink.row(channel, contexts_.first(q.size()), q);
      }
    }
  }
}

template <typename Source>
void ContextWalk::forwards(std::uint32_t point, Source& source) {
  std::ranges::fill(sums_, 0);
  for (std::size_t key = 0; key < layout_.per_channel(); ++key) {
    for (std::uint32_t channel = 0; channel < layout_.channels; ++channel) {
      const Visit v = visit(channel, key, point);
      for (std::uint32_t y = 0; y < v.band.h; ++y) {
        const auto q = v.q.subspan(std::size_t{y} * v.band.w, v.band.w);
        const auto spread = spread_.first(v.band.w), mean = mean_.first(v.band.w);
        kernels::context_row(v.neighbours, *v.weights, v.bias, v.band, y, spread, mean);
        std::int32_t west = 0, second = 0;
        for (std::size_t x = 0; x < q.size(); ++x) {
          const auto place = static_cast<std::size_t>(&q[x] - q_.data());
          q[x] = source.value(channel, place, kernels::context_at(*v.weights, spread[x], mean[x], west, second));
          second = std::exchange(west, q[x]);
        }
      }
      add_to_sum(channel, key, 1);
    }
  }
}

}  // namespace vaerans
