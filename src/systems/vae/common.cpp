#include "systems/vae/common.hpp"

#include <algorithm>
#include <bit>

#include "base/bytes.hpp"
#include "models/generations/reference.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::vae {
namespace {

unsigned hex_digit(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

}  // namespace

std::shared_ptr<const models::Model> ModelHandle::open() const {
  const std::scoped_lock lock(mutex_);
  if (!model_) model_ = models::open_model(text_);
  return model_;
}

std::string ModelHandle::name() const {
  if (!models::means_folder(text_)) {
    const models::ModelReference wanted = models::parse_reference(text_);
    if (!wanted.name.empty()) return wanted.name;
  }
  try {
    return open()->info.name;
  } catch (const Error&) {
    return text_;  // printing a recipe must not fail; running it will say what is wrong
  }
}

SideInfo SideInfo::of(const ModelInfo& info) {
  return {info.hash.substr(0, 2 * hash_bytes), info.factor, info.latent_channels};
}

ByteBuffer SideInfo::serialize() const {
  ByteWriter out;
  for (std::size_t i = 0; i < hash_bytes; ++i) {
    out.u8(static_cast<std::uint8_t>(hex_digit(hash[2 * i]) << 4 | hex_digit(hash[2 * i + 1])));
  }
  out.u8(static_cast<std::uint8_t>(factor));
  out.u8(static_cast<std::uint8_t>(channels & 0xFF));
  out.u8(static_cast<std::uint8_t>(channels >> 8));
  if (grid) {
    out.varint(grid->tile);
    out.varint(grid->overlap);
  }
  return out.take();
}

SideInfo SideInfo::parse(std::span<const std::byte> bytes, const Limits& limits) {
  static constexpr char digits[] = "0123456789abcdef";
  ByteReader in(bytes, "vae side information");
  SideInfo side_info;
  for (const std::byte byte : in.take(hash_bytes)) {
    side_info.hash += digits[std::to_integer<unsigned>(byte) >> 4];
    side_info.hash += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  side_info.factor = in.u8();
  side_info.channels = in.u8();
  side_info.channels |= std::uint32_t{in.u8()} << 8;
  if (side_info.factor == 0 || side_info.factor > 64 || side_info.channels == 0) {
    in.corrupt("factor " + std::to_string(side_info.factor) + " and " + std::to_string(side_info.channels) +
               " channels");
  }
  if (side_info.channels > limits.max_channels) {
    throw Error(ErrorCode::limit_exceeded, "a latent of " + std::to_string(side_info.channels) +
                                               " channels is over the limit of " + std::to_string(limits.max_channels));
  }
  if (in.left() == 0) return side_info;
  side_info.grid = Grid{in.varint(), in.varint()};
  in.expect_end();
  if (!side_info.grid->sane(limits)) in.corrupt("an impossible grid of tiles, " + side_info.grid->str());
  return side_info;
}

SideInfo checked_side_info(const TrailStep& encoding, const ModelInfo& info, const Limits& limits) {
  SideInfo side_info = SideInfo::parse(encoding.side_info, limits);
  if (info.hash.starts_with(side_info.hash)) return side_info;
  throw Error(ErrorCode::model_mismatch,
              models::other_weights(side_info.hash, info) +
                  "; name the model that made it, or get it: " + models::fetch_command(side_info.hash));
}

void Timing::write(TraceRecord& trace, std::uint64_t batch) const {
  trace.values.emplace_back("load_seconds", load_);
  trace.values.emplace_back("session_seconds", session_);
  trace.values.emplace_back("pixel_seconds", pixels_);
  trace.values.emplace_back("session_runs", static_cast<double>(runs_));
  trace.values.emplace_back("batch", static_cast<double>(batch));
}

onnx::Execution execution(const Context& context, const std::string& providers) {
  return {context.device, providers, context.threads};
}

CutRequest cut_request(const Group& group, const Footprint& footprint, const Shape& latent, const ModelInfo& info,
                       std::int64_t tile) {
  const double in_arena = static_cast<double>(group.arena().capacity()) / 4;
  const auto limit = static_cast<double>(group.context().limits.max_run_bytes);
  return {latent, info.factor, tile, std::min(limit, in_arena / footprint.planes_each * footprint.bytes_each)};
}

Cut cut_for(const CutRequest& request, const Footprint& footprint, const std::optional<Grid>& recorded,
            const ModelHalf& half, std::uint64_t items, const Limits& limits) {
  Cut cut{plan_tiles(request, footprint, recorded), 1, 0};
  cut.window_bytes = footprint.bytes_each * static_cast<double>(cut.tiling.rows.length * cut.tiling.columns.length);
  if (half.single()) return cut;
  const std::uint64_t allowed = std::max<std::uint64_t>(1, std::min(items * cut.tiling.count(), limits.max_batch));
  const double fits = std::clamp(request.bytes / cut.window_bytes, 1.0, static_cast<double>(allowed));
  cut.batch = static_cast<std::uint64_t>(fits);
  return cut;
}

void Cut::write(TraceRecord& trace, std::uint64_t factor) const {
  trace.values.emplace_back("tiles", static_cast<double>(tiling.count()));
  trace.values.emplace_back("tile_height", static_cast<double>(tiling.rows.length * factor));
  trace.values.emplace_back("tile_width", static_cast<double>(tiling.columns.length * factor));
  trace.values.emplace_back("run_bytes", run_bytes());
}

bool is_fixed(const ModelHalf& half) noexcept {
  const auto& extents = half.input().extents;
  return extents.size() == 4 && (extents[2] > 0 || extents[3] > 0);
}

bool any_non_finite(std::span<const float> values) noexcept {
  // All ones in the exponent: the test on integers is one that compilers vectorise.
  constexpr std::uint32_t exponent = 0x7F800000U;
  std::uint32_t bad = 0;
  for (const float value : values)
    bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & exponent) == exponent);
  return bad != 0;
}

}  // namespace vaerans::vae
