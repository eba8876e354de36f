// From an old generation of a model to a new one.
#include "vaerans/transcode.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "api/dial/dial.hpp"
#include "format/container.hpp"
#include "format/draft.hpp"
#include "models/generations/reference.hpp"
#include "vaerans/api.hpp"
#include "vaerans/models.hpp"

namespace vaerans {
namespace {

using File = std::span<const std::uint8_t>;
using layout::ChunkNumber;

/// The step of a recipe's quantiser, if it has one.
std::optional<double> step_of(const std::string& recipe) {
  const Pipeline chain = Pipeline::parse(recipe);
  for (const auto& step : chain.steps()) {
    if (const auto size = step.system->step()) return size;
  }
  return std::nullopt;
}

/// What quality the file has on the scale of the model that made it.
double quality_of(const FileInfo& info) {
  const auto step = step_of(info.recipe);
  if (!step) return kDefaultQuality;
  const double spread = find_model(models::reference_to(info.model, info.model_hash)).latent_std;
  return std::clamp(quality_of_step(*step, spread), 1.0, 100.0);
}

/// What compress() has to make of the decoded picture, so that the file is of the kind that it was.
CompressOptions request(const FileInfo& info, const TranscodeOptions& options, const Image& image) {
  CompressOptions out;
  out.mode = "model";
  out.model = options.model;
  out.quality = options.quality ? *options.quality : quality_of(info);
  out.metadata = {image.metadata};
  if (info.has_residual) {
    const double step = info.lossless ? 1 : step_of(info.residual_recipe).value_or(1);
    out.residual_step = static_cast<std::int64_t>(step);
  }
  out.digest = !info.has_residual && !info.base_hash.empty();
  return out;
}

bool belongs_to_streams(const Chunk& chunk) { return chunk.is(ChunkNumber::tiles) || chunk.is(ChunkNumber::digest); }

/// Adds the chunks of `from` that a decoder may skip and `made` does not have. Those that nobody here knows may say
/// something of the pixels, so they go along only where these are the same.
Bytes with_chunks_of(File from, Bytes made, bool same_pixels, const Limits& limits) {
  const auto old_bytes = std::as_bytes(from), new_bytes = std::as_bytes(File(made));
  if (is_draft(old_bytes)) return made;
  const Frame before = scan_frame(old_bytes, limits);
  Frame after = scan_frame(new_bytes, limits);
  for (const Chunk& chunk : before.chunks) {
    const bool known = place_of(chunk) < layout::chunk_rules.size();
    if (chunk.needed || belongs_to_streams(chunk) || !(known || same_pixels)) continue;
    const bool there = std::ranges::any_of(
        after.chunks, [&](const Chunk& other) { return other.number == chunk.number && other.name == chunk.name; });
    if (!there) after.chunks.push_back(chunk);
  }
  sort_chunks(after.chunks);
  return write_frame(source_of(after.header, limits, made.size()), after.chunks);
}

void require_asked_for(const TranscodeOptions& options) {
  if (options.lossy) return;
  throw Error(ErrorCode::bad_parameter,
              "the file does not hold its source bit by bit, and coding its picture again loses once more: ask for "
              "that with lossy (--lossy), or leave the file as it is, which decodes for as long as its model is there");
}

/// What was promised is tried: a file is never given out whose picture is another.
void require_same_picture(const Image& before, const Bytes& file, const Context& context) {
  const Image after = decompress(file, context);
  if (after.rgb == before.rgb && after.channels == before.channels) return;
  throw Error(ErrorCode::internal, "the transcoded file does not give the same picture");
}

}  // namespace

std::string_view transcoding_name(Transcoding how) noexcept {
  switch (how) {
    case Transcoding::kept: return "kept";
    case Transcoding::lossless: return "lossless";
    case Transcoding::lossy: return "lossy";
  }
  return "";
}

Transcoded transcode(File file, const TranscodeOptions& options, const Context& context) {
  const FileInfo info = file_info(file, context.limits);
  const ModelInfo wanted = find_model(model_of({.model = options.model}));
  if (info.model.empty() || wanted.hash.starts_with(info.model_hash)) return {{file.begin(), file.end()}, {}};
  const bool lossless = info.lossless && info.has_residual;
  if (!lossless) require_asked_for(options);
  const Image image = decompress(file, context);
  Bytes made = compress(image.view(), request(info, options, image), context);
  made = with_chunks_of(file, std::move(made), lossless, context.limits);
  if (lossless) require_same_picture(image, made, context);
  return {std::move(made), lossless ? Transcoding::lossless : Transcoding::lossy};
}

}  // namespace vaerans
