// Coefficients on their way to whole numbers of steps: rounding that hardens while slopes move what is rounded.
//
// Stochastic Gumbel annealing (Yang, Bamler, Mandt 2020, arXiv 2006.04240) with the sigmoid scaled logits of
// Perugachi-Diaz et al. 2024 (arXiv 2401.17789): each value goes up with a probability, relaxed to a share between its
// two neighbours; both harden as the temperature falls. The shares are moved by Adam (Kingma, Ba 2015).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vaerans {

class Annealing {
 public:
  /// Begins at coefficients of one item, and is cold after `iterations` turns of relax() and descend().
  Annealing(std::span<const float> coefficients, float step, int iterations, unsigned threads, std::uint64_t seed);

  /// The coefficients as they are relaxed in this turn.
  void relax(std::span<float> coefficients);
  /// Moves against the slopes of distortion + lambda · bits. `slopes`: of the distortion by each relaxed coefficient.
  /// `rises`: bits of the upper neighbour less those of the lower one.
  void descend(std::span<const float> slopes, std::span<const float> rises, float lambda);

  /// The lower neighbours, and the nearest whole numbers.
  [[nodiscard]] std::span<const std::int32_t> floors() const noexcept { return floors_; }
  [[nodiscard]] std::span<const std::int32_t> nearest() const noexcept { return nearest_; }
  /// What rounding gives where it stands.
  void round(std::span<float> coefficients) const;

 private:
  template <typename Body>
  void for_all(Body body) const;
  [[nodiscard]] float share(std::size_t i, float rest) const;

  float step_;
  int iterations_, turn_ = 0;
  unsigned threads_;
  std::uint64_t seed_;
  float temperature_ = 0;
  std::vector<float> values_, shares_, slope_of_share_, mean_, square_;
  std::vector<std::int32_t> floors_, nearest_;
};

}  // namespace vaerans
