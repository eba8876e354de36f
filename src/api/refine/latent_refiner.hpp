// What effort buys of a model: latents that decode better at no more bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "api/refine/picture_loss.hpp"
#include "vaerans/api.hpp"
#include "vaerans/base/effort.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

/// Betters the coefficients of one picture, which stands in the world as RGB and before the quantiser of a chain. The
/// chain stays what it is: the encoder alone works longer.
class LatentRefiner {
 public:
  /// `chain`: from RGB through a model, linear transforms and a quantiser with a step to a coder. `visual`: what is
  /// seen counts beside the squared error.
  LatentRefiner(World& world, EntityId entity, const Pipeline& chain, bool visual, const Context& context);

  /// Why it cannot be done: a step has no slopes, the quantiser is given no floats, there is too little memory; "" if
  /// it can.
  [[nodiscard]] std::string obstacle() const;
  /// Moves the coefficients to where the chain's file has no more bytes and a better picture than before, by a search
  /// of so many turns; where it finds none, by one of half of them, and so on. False: they are as they were.
  [[nodiscard]] bool run(int turns);

 private:
  struct Coded {
    std::uint64_t bytes = 0;
    Loss loss;
  };
  [[nodiscard]] std::span<float> coefficients() const;
  [[nodiscard]] std::span<const std::uint8_t> decoded(std::string_view key) const;
  void slopes_at(std::span<float> out) const;
  void carry_back(std::span<const float> of_pixels, std::span<float> out) const;
  [[nodiscard]] std::uint64_t bytes_now() const;
  [[nodiscard]] double bits_per_pixel(std::uint64_t bytes) const;
  [[nodiscard]] Coded coded(double step);
  [[nodiscard]] double exchange_rate();
  void turn(class Annealing& annealing, double lambda) const;
  [[nodiscard]] Coded anneal(std::span<const float> original, int turns, double rate, std::uint64_t most);

  World& world_;
  EntityId entity_;
  Pipeline chain_;
  Context context_;
  std::size_t quantizer_;
  double step_;
  bool visual_;
  std::string key_;                      ///< where the coefficients stand
  std::vector<const TrailStep*> trail_;  ///< from the model on
  std::optional<PictureLoss> loss_;      ///< relative to the first picture that was decoded
};

/// How options ask for it.
struct Refinement {
  std::int64_t effort = default_effort;
  bool visual = true;

  /// Whether the effort refines latents at all.
  [[nodiscard]] bool wanted() const;
};
[[nodiscard]] Refinement refinement_of(const CompressOptions& options);

/// LatentRefiner::run() as it is wanted; false, with a note in the trace, where it cannot be done.
bool refine(World& world, EntityId entity, const Pipeline& chain, const Refinement& how, const Context& context);

}  // namespace vaerans
