// ContextPrior: integer weights and distributions for the context coder, trained with a model and shipped in its
// folder.
//
// File, little endian (written by training/prior.py; varint and svarint as in core/bytes.hpp):
//   "VPRI" · u8 version 1 · u8 channels − 1 · u8 levels L · u8 points P
//   64 classes × 3 phases: u8 n ≤ 81 · n varint frequencies of the zigzag values 0, 1, −1, 2, …; the escape has the
//   rest of 2^14, at least 1 rows, for LL and then for levels L … 1 and HL, LH, HH; in each row for each channel: 12
//   svarint magnitude weights, 8 svarint mean weights (both in 1/256, in the order of kernels/band_context.hpp), P
//   svarint biases (1/256), one for each operating point: the quantiser steps that the prior was trained for, fine to
//   coarse.
// A prior's identity in streams is the CRC-32 of its file.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "kernels/band_context.hpp"
#include "kernels/interval_coder.hpp"
#include "vaerans/core/component.hpp"

namespace vaerans {

/// Of one (class, phase): 81 zigzag values and the escape.
struct Distribution {
  std::array<std::uint16_t, kernels::kContextAlphabet + 1> start{};  ///< cumulative, from 0 to 2^14
  std::array<std::uint16_t, kernels::kContextAlphabet> cost{};       ///< bits in units of 1/1024
  [[nodiscard]] kernels::Interval interval(std::uint32_t z) const noexcept {
    return {start[z], static_cast<std::uint16_t>(start[z + 1] - start[z])};
  }
  [[nodiscard]] bool has(std::uint32_t z) const noexcept { return start[z + 1] != start[z]; }
};

struct ContextPrior {
  static constexpr std::size_t max_channels = 256;  ///< the file's field is a byte
  std::uint32_t id = 0;
  std::uint32_t channels = 0, levels = 0, points = 0;
  std::vector<Distribution> distributions;       ///< [class][phase]
  std::vector<kernels::ContextWeights> weights;  ///< [row][channel]
  std::vector<std::int32_t> bias;                ///< [row][channel][point]

  /// The row of a band; level 0 stands for LL.
  [[nodiscard]] std::size_t row(std::uint32_t level, Band band) const noexcept {
    return band == Band::LL ? 0 : std::size_t{3} * (levels - level) + static_cast<std::size_t>(band);
  }
  [[nodiscard]] const Distribution& distribution(std::uint32_t spread_class, std::uint32_t phase) const noexcept {
    return distributions[spread_class * kernels::kContextPhases + phase];
  }
};

/// Reads a prior's file. Throws Error(corrupt_stream).
[[nodiscard]] ContextPrior parse_prior(std::span<const std::byte> file);

/// The prior for symbols with this history: that of the VAE which they come from, or the one built in for
/// residuals of RGB pictures in reversible colour. nullptr: there is none. Throws Error(model_invalid) if the model's
/// file is broken.
[[nodiscard]] std::shared_ptr<const ContextPrior> prior_for(const TrailNode* history);

}  // namespace vaerans
