// The wavelet coder's step for a wanted size or quality.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "api/dial/dial.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

/// A picture that stands in a world, or waits for somebody who wants it there (borrowed.hpp), until its memory goes.
[[nodiscard]] ImageView view_of(World& world, EntityId entity, std::string_view key);

/// A measure of a decoded picture that is to be at least `least`.
struct QualityTarget {
  std::string name;  ///< for errors, with its unit
  double least = 0;
  std::function<double(const ImageView& reference, const ImageView& test)> measure;
  /// By how many octaves of the step a measured value is short of `least`, about; above 0 where it is.
  std::function<double(double measured)> lacks;
};

/// Searches for one picture, which stands in the world as RGB.
class BandSearch {
 public:
  /// `exact`: a lossless chain, which is taken where it fits or nothing less will do; empty: none.
  BandSearch(World& world, EntityId entity, const Context& context, const QuantizeBandsOptions& bands, Pipeline exact);

  /// The finest step's file of at most `bytes`. Throws Error(invalid_argument), which names the least, if none is.
  [[nodiscard]] Bytes within(std::uint64_t bytes) const;
  /// The coarsest step's file that reaches the target, or the exact one. Throws Error(invalid_argument), which names
  /// the nearest, where none does and there is no exact one.
  [[nodiscard]] Bytes reaching(const QualityTarget& target) const;
  /// The lossless file, if it may pay and takes no more than so many bytes: that of a graphic, where smoothing repeats
  /// away costs more than it saves, or of what else hardly holds anything. Of photos it is seen without coding them.
  [[nodiscard]] std::optional<Bytes> exact_within(std::uint64_t bytes) const;
  /// The step whose picture has about that SSIMULACRA2; `near`: where to begin. Pictures below 8 pixels: `near`. Of
  /// large pictures a sample is tried (sample.hpp).
  [[nodiscard]] double step_of_score(double score, double near) const;

 private:
  void transform() const;
  [[nodiscard]] bool by_strips() const;
  [[nodiscard]] Bytes file_at(int trial) const;
  /// `least`: the fewest bytes that any file took so far.
  [[nodiscard]] std::optional<Bytes> exact_if(std::uint64_t bytes, std::uint64_t* least = nullptr) const;
  [[nodiscard]] bool exact_may_fit(std::uint64_t bytes) const;
  [[nodiscard]] bool exact_is_near(std::uint64_t bytes) const;
  [[nodiscard]] bool graphic_pays(std::uint64_t bytes) const;
  [[nodiscard]] double bytes_by_sample(const Pipeline& chain, std::uint64_t square, std::uint64_t head) const;
  [[nodiscard]] double step_of_sample(double score, double near) const;
  [[nodiscard]] double measure_at(const Pipeline& chain, double step, const QualityTarget& target) const;

  World& world_;
  EntityId entity_;
  Context context_;
  QuantizeBandsOptions bands_;
  Pipeline chain_;
  Pipeline exact_;
  std::uint64_t samples_;
};

/// The targets of CompressOptions. Throws Error(shape) for pictures that are too small to be measured.
[[nodiscard]] QualityTarget psnr_target(double least);
[[nodiscard]] QualityTarget ssimulacra2_target(double least);
[[nodiscard]] QualityTarget ms_ssim_target(double least);

}  // namespace vaerans
