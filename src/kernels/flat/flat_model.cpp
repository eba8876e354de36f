#include "kernels/flat/flat_model.hpp"

#include <algorithm>

#include "kernels/flat/flat_coder.hpp"

namespace vaerans::kernels {
namespace {

MixerWeights mixer_of(std::size_t inputs, std::int32_t weight) {
  MixerWeights out;
  std::fill_n(out.weight.begin(), inputs, weight);
  return out;
}

}  // namespace

FlatTables::FlatTables() noexcept : logistic(logistic_tables()) {
  for (int n = 0; n <= Counter::kMostVisits; ++n) {
    const auto i = static_cast<std::size_t>(n);
    counter_rate[i] = 327680 / (10 * n + 16);
    fine_rate[i] = 655360 / (10 * n + 16);
    trust[i] = n == 0 ? 0 : 256 * n / (n + 1) + (n > 30 ? 64 : 0);
  }
  for (int age = 0; age < 640; ++age) mixer_rate[static_cast<std::size_t>(age)] = 6 + 640 / (16 + age);
}

const FlatTables& flat_tables() noexcept {
  static const FlatTables tables;
  return tables;
}

void FlatModel::reset() noexcept {
  for (auto& reach : followers) reach.fill({});
  places.fill(0);
  by_shape.fill({});
  by_match.fill({});
  by_counts.fill({});
  by_near.fill({});
  later.fill({});
  source_mixers.fill(mixer_of(kReaches, 20000));
  match_mixers.fill(mixer_of(kReaches, 20000));
  for (auto& table : lines) table.fill({});
  for (auto& component : node_mixers) component.fill(mixer_of(kContexts, 14000));
  for (auto& component : trust_mixers) component.fill(mixer_of(kContexts, 14000));
}

FlatBuffers::FlatBuffers() : model(std::make_unique<FlatModel>()) {}
FlatBuffers::~FlatBuffers() = default;

}  // namespace vaerans::kernels
