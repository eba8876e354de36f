// The wavelet coder's step for a wanted size or PSNR.
#pragma once

#include <cstdint>

#include "api/dial.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

/// Searches for one picture, which stands in the world as RGB.
class BandSearch {
 public:
  /// `exact`: a lossless chain, which is taken where it fits or nothing less will do; empty: none.
  BandSearch(World& world, EntityId entity, const Context& context, Pipeline exact);

  /// The finest step's file of at most `bytes`. Throws Error(invalid_argument), which names the least, if none is.
  [[nodiscard]] Bytes within(std::uint64_t bytes) const;
  /// The coarsest step's file of at least that many dB; the finest there is where none has them.
  [[nodiscard]] Bytes reaching(double psnr) const;

 private:
  void transform() const;
  [[nodiscard]] Bytes file_by(const Pipeline& pipeline, std::size_t first) const;
  [[nodiscard]] Bytes file_at(int trial) const;
  [[nodiscard]] bool exact_pays(std::uint64_t bytes) const;

  World& world_;
  EntityId entity_;
  Context context_;
  Pipeline chain_ = band_pipeline();
  Pipeline exact_;
  std::uint64_t pixels_;
};

}  // namespace vaerans
