// How far a network looks: what tiles of a picture need around them, and how much memory running one takes.
#pragma once

#include <cstdint>

#include "onnx/graph/scan.hpp"

namespace vaerans::onnx {

/// Lengths are in samples of the graph's input: pixels for an encoder, latent samples for a decoder.
struct ReceptiveField {
  bool local = false;       ///< every output sample depends on a bounded neighbourhood, zero padded at the borders
  std::uint64_t halo = 0;   ///< local networks: samples seen on each side of what an output sample stands for
  std::uint64_t grain = 1;  ///< tiles begin and end at multiples of this
  double largest = 0;       ///< bytes of the largest activation, for each input sample; 0: unknown

  /// Bytes of all activations that are alive at one time, for each input sample; reckoned, as docs/models.md says.
  [[nodiscard]] double alive() const noexcept { return 3.5 * largest; }
};

/// Follows the convolutions, resamplings and pointwise operators of a graph. Whatever else there is (normalisation over
/// the picture, attention, padding other than by zeros that keeps the size, operators that are not known here) makes
/// the network not local; its largest activation is then as far as the walk can tell.
[[nodiscard]] ReceptiveField receptive_field_of(const GraphFacts& graph);

}  // namespace vaerans::onnx
