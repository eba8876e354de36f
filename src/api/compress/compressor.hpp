// From pictures that stand in a world to files, by the chain that options ask for.
#pragma once

#include <span>
#include <vector>

#include "api/compress/beside.hpp"
#include "api/compress/outcome.hpp"
#include "api/dial/dial.hpp"
#include "api/dial/picture_dial.hpp"
#include "vaerans/api.hpp"

namespace vaerans {

/// Throws Error(limit_exceeded) for a chain of more steps than the limits allow.
void require_steps(const Pipeline& pipeline, const Limits& limits);

/// Everything that one call of compress() shares between its pictures. Options and context must outlive it.
class Compressor {
 public:
  /// Throws Error(bad_parameter) for options that this mode cannot follow.
  Compressor(const CompressOptions& options, Mode mode, const Context& context);

  /// What goes into the files besides the streams of the colors.
  Beside beside;

  void require_limits() const { require_steps(pipeline_, context_.limits); }

  /// Makes the files of these entities, one after the other in their order.
  void run(World& world, std::span<const EntityId> entities, Outcome& outcome) const;

 private:
  [[nodiscard]] bool searches() const { return options_.bpp.has_value() || options_.target_bytes.has_value(); }
  [[nodiscard]] bool layered() const { return mode_ != Mode::pixel && (options_.lossless || options_.residual_step); }
  [[nodiscard]] std::int64_t residual_step() const { return options_.residual_step.value_or(1); }
  [[nodiscard]] Context frugal() const;
  [[nodiscard]] double latent_std() const;

  void run_chain(World& world, const Pipeline& pipeline, std::span<const EntityId> entities, Outcome& outcome,
                 bool keep_source) const;
  /// The chain as it stands. The source goes where it is not to be kept, and so does all between it and the bitstream.
  [[nodiscard]] std::vector<EntityId> run_plain(World& world, const Pipeline& pipeline,
                                                std::span<const EntityId> entities, Outcome& outcome,
                                                bool keep_source) const;
  [[nodiscard]] bool refines() const;
  [[nodiscard]] std::vector<EntityId> run_refined(World& world, const Pipeline& pipeline,
                                                  std::span<const EntityId> entities, Outcome& outcome) const;
  [[nodiscard]] Bytes file_of(World& world, const Pipeline& pipeline, EntityId entity) const;

  void dial(World& world, std::span<const EntityId> entities, Outcome& outcome) const;
  void dial_one(World& world, EntityId entity, Outcome& outcome) const;
  [[nodiscard]] bool in_strips(const World& world, EntityId entity) const;
  [[nodiscard]] CompressOptions own_options(World& world, EntityId entity) const;
  [[nodiscard]] bool may_be_another() const;
  void try_others(const PictureDial& dial, EntityId entity, Outcome& outcome) const;

  void search(World& world, std::span<const EntityId> entities, Outcome& outcome) const;
  [[nodiscard]] Bytes found_file(World& world, EntityId entity, std::uint64_t bytes) const;

  const CompressOptions& options_;
  const Context& context_;
  Mode mode_;
  Pipeline pipeline_;
  double scale_ = 1;  // the standard deviation that steps are relative to
};

}  // namespace vaerans
