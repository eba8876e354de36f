#include "api/compress/beside.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "api/dial/dial.hpp"
#include "api/layers.hpp"
#include "api/preview/content.hpp"
#include "vaerans/components/image.hpp"

namespace vaerans {
namespace {

std::uint64_t alpha_bytes(World& world, EntityId entity) {
  return world.has(entity, alpha_stream_key) ? alpha_chunk_bytes(world, entity) : 0;
}

[[noreturn]] void too_much_beside(std::uint64_t alpha, std::uint64_t described, bool preview, std::uint64_t whole) {
  const std::string wanted = " of the " + std::to_string(whole) + " bytes wanted; ";
  if (described == 0) {
    throw Error(ErrorCode::bad_parameter,
                "the alpha channel alone takes " + std::to_string(alpha) + wanted + "ask for more, or leave it out");
  }
  throw Error(ErrorCode::bad_parameter, std::string(preview ? "the preview, " : "") + "ICC, EXIF and XMP " +
                                            (alpha == 0 ? "" : "and the alpha channel ") + "alone take " +
                                            std::to_string(alpha + described) + wanted + "leave them out (strip)");
}

}  // namespace

void Beside::take_metadata(EntityId entity, const PictureMetadata& metadata) {
  if (!metadata.empty()) metadata_[entity] = &metadata;
}

bool Beside::take_preview(EntityId entity, const ImageView& picture, Outcome& outcome) {
  if (!options_.preview_bytes) return true;
  outcome.guarded(entity, "preview",
                  [&] { previews_[entity] = preview_content(picture, *options_.preview_bytes, context_); });
  return previews_.contains(entity);
}

std::vector<EntityId> Beside::code(World& world, std::span<const EntityId> entities, Outcome& outcome) const {
  std::vector<EntityId> with, out;
  for (const EntityId e : entities) (world.has(e, Alpha::key) ? with : out).push_back(e);
  if (with.empty()) return out;
  const auto coded = code_alpha(world, with, options_.effort, context_, outcome.result);
  out.insert(out.end(), coded.begin(), coded.end());
  std::ranges::sort(out);
  return out;
}

bool Beside::is_there(const World& world, EntityId entity) const {
  return metadata_.contains(entity) || previews_.contains(entity) || world.has(entity, alpha_stream_key);
}

std::uint64_t Beside::described_bytes(EntityId entity) const {
  const auto metadata = metadata_.find(entity);
  const auto preview = previews_.find(entity);
  return (metadata == metadata_.end() ? 0 : metadata->second->stored_bytes()) +
         (preview == previews_.end() ? 0 : stored_preview_bytes(preview->second));
}

std::uint64_t Beside::left_for_colors(World& world, EntityId entity) const {
  const std::uint64_t whole = wanted_bytes(options_, world.get(entity, "RGB").spec.shape);
  const std::uint64_t alpha = alpha_bytes(world, entity), described = described_bytes(entity);
  if (alpha + described != 0 && alpha + described >= whole)
    too_much_beside(alpha, described, previews_.contains(entity), whole);
  return whole - alpha - described;
}

void Beside::add_to(World& world, std::span<const EntityId> entities, Outcome& outcome) const {
  for (const EntityId e : entities) {
    if (!world.has(e, alpha_stream_key)) continue;
    outcome.rewrite(e, "alpha", [&](const Bytes& file) {
      Bytes whole = with_alpha(world, e, file, context_.limits);
      (void)file_info(whole, context_.limits);
      return whole;
    });
  }
  for (const auto& [entity, metadata] : metadata_) {
    outcome.rewrite(entity, "metadata",
                    [&](const Bytes& file) { return with_metadata(file, *metadata, context_.limits); });
  }
  for (const auto& [entity, content] : previews_) {
    outcome.rewrite(entity, "preview",
                    [&](const Bytes& file) { return with_preview_content(file, content, context_.limits); });
  }
}

}  // namespace vaerans
