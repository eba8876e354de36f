// The model's file for a wanted size or quality of one picture.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "api/refine/latent_refiner.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

/// The model's own chain, run by the model as the caller named it (which may be a folder), and its latents' spread.
struct ModelChain {
  Pipeline pipeline;
  double latent_std = 1;
};
[[nodiscard]] ModelChain model_chain(const std::string& model);

/// Runs the model once over one picture, which stands in the world as RGB, then its coder by steps.
class ModelSearch {
 public:
  /// `refinement`: how long latents are refined, and by what. `score_of`: how a file's picture looks, by SSIMULACRA2.
  ModelSearch(World& world, EntityId entity, const std::string& model, const Refinement& refinement,
              const Context& context, std::function<double(const Bytes&)> score_of);

  /// The finest step's file of at most `bytes`, if a step is coarse enough.
  [[nodiscard]] std::optional<Bytes> within(std::uint64_t bytes) const;
  /// The file whose picture has about that score, if it has at most `bytes` bytes. A higher score never gets a larger
  /// step. It takes two or three decodings.
  [[nodiscard]] std::optional<Bytes> about(double score, std::uint64_t bytes) const;
  /// A file of at most `bytes` bytes whose picture scores at least that much, and little more, if there is one.
  [[nodiscard]] std::optional<Bytes> reaching(double score, std::uint64_t bytes) const;

 private:
  [[nodiscard]] Bytes file_at(double step) const;
  [[nodiscard]] std::optional<Bytes> refined_at(double step) const;
  [[nodiscard]] Bytes refined(Bytes file, double step) const;
  [[nodiscard]] std::optional<double> step_near(double score, std::uint64_t bytes) const;

  World& world_;
  EntityId entity_;
  ModelChain model_;
  Refinement refinement_;
  Context context_;
  std::function<double(const Bytes&)> score_of_;
};

}  // namespace vaerans
