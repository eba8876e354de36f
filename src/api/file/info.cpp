// What is in a file, without decoding it: each step tells its own side information.
#include <algorithm>
#include <string_view>

#include "base/checksum.hpp"
#include "format/container.hpp"
#include "format/layout.hpp"
#include "vaerans/file.hpp"

namespace vaerans {
namespace {

// Whose contents have parts of their own, or are but a digest.
constexpr auto kUnderstood = {layout::ChunkNumber::base, layout::ChunkNumber::residual, layout::ChunkNumber::alpha,
                              layout::ChunkNumber::digest};

void add_parts(FileInfo& info, const StoredStream& stream, const std::string& prefix) {
  for (const auto& step : stream.steps) {
    const std::string name = prefix + step.system->contract().name;
    info.parts.push_back({name + " step", step.bytes});
    if (!step.side_info.empty()) info.parts.push_back({name + " side information", step.side_info.size()});
  }
  info.parts.push_back({prefix + stream.steps.back().system->contract().name + " payload", stream.payload.size()});
}

// What no step, side information or payload accounts for: magic, shape, counts, digests, checksum.
void add_frame_part(FileInfo& info) {
  std::uint64_t known = 0;
  for (const auto& part : info.parts) known += part.bytes;
  info.parts.insert(info.parts.begin(), {"frame", info.file_bytes - known});
}

void add_details(FileInfo& info, const StoredStream& stream, const std::string& prefix) {
  for (const auto& step : stream.steps) {
    for (auto& [name, text] : step.system->describe_side_info(step.side_info)) {
      info.details.push_back({prefix + step.system->contract().name, std::move(name), std::move(text)});
    }
  }
}

void add_chunks(FileInfo& info, std::span<const std::byte> bytes, const Limits& limits, bool draft) {
  if (draft) {
    info.chunks.push_back({"file from before format 1.0", true, 0, bytes.size()});
    return;
  }
  const Frame frame = scan_frame(bytes, limits);
  info.chunks.push_back({"header", true, 0, frame.header.bytes.size()});
  for (const Chunk& chunk : frame.chunks) {
    info.chunks.push_back({chunk_name(chunk), chunk.needed, chunk.offset, chunk.bytes});
    const bool carried = std::ranges::none_of(kUnderstood, [&](auto number) { return chunk.is(number); });
    if (carried) info.parts.push_back({chunk_name(chunk), chunk.content.size()});
  }
}

std::string detail(const FileInfo& info, std::string_view name) {
  for (const auto& detail : info.details) {
    if (detail.name == name) return detail.text;
  }
  return {};
}

void add_stream(FileInfo& info, const StoredStream& stream, const std::string& prefix) {
  add_parts(info, stream, prefix);
  add_details(info, stream, prefix);
}

}  // namespace

FileInfo file_info(std::span<const std::uint8_t> bytes, const Limits& limits) {
  const StoredFile file = parse_container(std::as_bytes(bytes), limits);
  FileInfo info;
  info.version = file.draft ? 0 : layout::version;
  info.file_bytes = bytes.size();
  info.recipe = file.base.recipe();
  info.source_key = default_key(file.source.kind);
  info.source_shape.assign(file.source.shape.dims().begin(), file.source.shape.dims().end());
  info.sample_type = dtype_name(file.source.dtype);
  add_stream(info, file.base, "");
  info.lossless = std::ranges::all_of(file.base.steps, [](const StoredStep& step) { return step.system->exact(); });
  if (file.base_digest) info.base_hash = hex(*file.base_digest);
  if (file.residual) {
    info.has_residual = true;
    info.lossless = file.lossless;
    info.residual_recipe = file.residual->recipe();
    info.source_hash = hex(file.source_digest);
    add_stream(info, *file.residual, "residual ");
  }
  if (file.alpha) {
    info.has_alpha = true;
    add_stream(info, *file.alpha, "alpha ");
  }
  add_chunks(info, std::as_bytes(bytes), limits, file.draft);
  add_frame_part(info);
  info.model = detail(info, "model");
  info.model_hash = detail(info, "model_hash");
  return info;
}

}  // namespace vaerans
