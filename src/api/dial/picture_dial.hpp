// One picture on the dial: the wavelet coder's file for a request, and whether the model's is better.
#pragma once

#include <optional>
#include <string>

#include "api/dial/band_search.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {

/// For one picture, which stands in the world as RGB.
class PictureDial {
 public:
  /// `exact`: as BandSearch has it.
  PictureDial(World& world, EntityId entity, const CompressOptions& options, const Context& context, Pipeline exact);

  /// The file of a request that is_searched_for().
  [[nodiscard]] Bytes searched() const;
  /// The quantiser of the wavelet's chain for a quality or step.
  [[nodiscard]] QuantizeBandsOptions bands() const;
  /// The file of that chain for a picture that goes_in_strips().
  [[nodiscard]] Bytes in_strips(const QuantizeBandsOptions& bands) const;

  /// The lossless file where it takes no more bytes than this one.
  [[nodiscard]] std::optional<Bytes> exact_within(const Bytes& file) const;

  /// The model's file if that is the better one by SSIMULACRA2, where that can be, at low rates: it looks better at no
  /// more bytes where a size is asked for, and takes fewer for the same looks where a quality is. Says in the trace
  /// what was tried. A model or runtime that is not there is no error unless it was named.
  [[nodiscard]] std::optional<Bytes> better_by_model(const Bytes& file) const;

 private:
  [[nodiscard]] std::optional<Bytes> exact_found(const Bytes& file) const;
  [[nodiscard]] bool visual() const;
  /// With the usual step.
  [[nodiscard]] QuantizeBandsOptions untuned(std::int64_t effort) const;
  [[nodiscard]] Bytes searched_by(const BandSearch& search) const;
  [[nodiscard]] std::optional<Bytes> searched_by_plain() const;
  [[nodiscard]] bool is_better(const Bytes& file, const Bytes& other) const;
  [[nodiscard]] bool model_may_win(const Bytes& file) const;
  [[nodiscard]] std::optional<Bytes> by_model(const Bytes& file) const;
  [[nodiscard]] std::optional<Bytes> by_model_on_sample(const Bytes& file) const;
  /// Whether a sample says which coder is the better one (sample.hpp).
  [[nodiscard]] bool by_sample() const;
  [[nodiscard]] double score_of(const Bytes& file, const QualityTarget& target) const;
  void note(const std::string& text) const;

  World& world_;
  EntityId entity_;
  const CompressOptions& options_;
  const Context& context_;
  Shape shape_;
  BandSearch search_;
};

}  // namespace vaerans
