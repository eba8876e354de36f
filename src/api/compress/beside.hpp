// What a file holds besides the streams of its colors: alpha, metadata and a preview.
#pragma once

#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "api/compress/outcome.hpp"
#include "base/bytes.hpp"
#include "vaerans/api.hpp"

namespace vaerans {

/// Codes and keeps it by entity, says how many bytes it leaves to the colors, and puts it into their files.
class Beside {
 public:
  Beside(const CompressOptions& options, const Context& context) : options_(options), context_(context) {}

  /// Says what goes into the file of an entity; the metadata must outlive this.
  void take_metadata(EntityId entity, const PictureMetadata& metadata);
  /// Makes a preview where one is wanted. False where that failed.
  [[nodiscard]] bool take_preview(EntityId entity, const ImageView& picture, Outcome& outcome);

  /// Codes the alpha of those that have one, so that a search knows what is left for the colors. Gives the entities
  /// that are left.
  [[nodiscard]] std::vector<EntityId> code(World& world, std::span<const EntityId> entities, Outcome& outcome) const;

  /// Whether there is anything.
  [[nodiscard]] bool is_there(const World& world, EntityId entity) const;
  /// What the colors may take of the size that the options want. Throws Error(bad_parameter) where nothing is left.
  [[nodiscard]] std::uint64_t left_for_colors(World& world, EntityId entity) const;

  /// Puts it into the files that there are.
  void add_to(World& world, std::span<const EntityId> entities, Outcome& outcome) const;

 private:
  [[nodiscard]] std::uint64_t described_bytes(EntityId entity) const;

  const CompressOptions& options_;
  const Context& context_;
  std::map<EntityId, const PictureMetadata*> metadata_;
  std::map<EntityId, ByteBuffer> previews_;
};

}  // namespace vaerans
