#include "vaerans/format/container.hpp"

#include <algorithm>
#include <cstring>

#include "base/checksum.hpp"
#include "format/layout.hpp"
#include "format/stream_io.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

using layout::SourceKind;

constexpr std::string_view kResidualKey = "ResidualBitstream";
// (9,) u8: base digest, 0; with a residual (17,) u8: base digest, source digest, lossless flag
constexpr std::string_view kDigestsKey = "FileDigests";

// ---- writing -----------------------------------------------------------------------------------------------------

const TrailStep& first_step(const Component& bitstream) {
  const TrailStep* node = bitstream.trail;
  if (node == nullptr)
    throw Error(ErrorCode::contract, "this component was not made by a chain; nothing can be written");
  while (node->previous != nullptr) node = node->previous;
  return *node;
}

void write_source(ByteWriter& out, const Spec& source) {
  if (source.shape.rank() != 3 || (source.kind != Kind::image && source.kind != Kind::planes)) {
    throw Error(ErrorCode::contract, "a file holds a picture or a latent, not " + std::string(kind_name(source.kind)));
  }
  out.u8(static_cast<std::uint8_t>(source.kind == Kind::image ? SourceKind::picture : SourceKind::latent));
  for (const std::uint64_t d : source.shape.dims()) out.varint(d);
}

void write_head(ByteWriter& out, std::uint8_t flags, const Component& bitstream) {
  out.raw(layout::magic);
  out.u8(layout::version);
  out.u8(flags);
  write_source(out, first_step(bitstream).input);
}

Bytes sealed(ByteWriter& out) {
  out.u32(crc32_of(out.bytes()));
  Bytes bytes(out.bytes().size());
  std::memcpy(bytes.data(), out.bytes().data(), bytes.size());
  return bytes;
}

Digest picture_digest(World& world, EntityId entity, std::string_view key) {
  const TensorRef& ref = world.get(entity, key).data;
  return digest_of({world.arena().data(ref), ref.bytes()});
}

// ---- reading -----------------------------------------------------------------------------------------------------

struct Parsed {
  std::uint8_t flags = 0;
  Spec source;
  std::string_view source_key;
  StoredStream stream, residual;
  std::span<const std::byte> digests;
  std::uint64_t head_bytes = 0;
  [[nodiscard]] bool has_residual() const { return (flags & layout::flag_residual) != 0; }
  [[nodiscard]] bool lossless() const { return (flags & layout::flag_lossless) != 0; }
  [[nodiscard]] bool has_digest() const { return (flags & layout::flag_digest) != 0; }
};

void check_frame(std::span<const std::byte> bytes, const Limits& limits) {
  const auto fail = [](ErrorCode code, const std::string& what) { throw Error(code, what); };
  if (bytes.size() > limits.max_file_bytes)
    fail(ErrorCode::limit_exceeded, "the file has " + std::to_string(bytes.size()) + " bytes, over the limit");
  if (bytes.size() < layout::magic.size() || !std::equal(layout::magic.begin(), layout::magic.end(), bytes.begin())) {
    fail(ErrorCode::corrupt_stream,
         bytes.empty() ? "the file is empty" : "this is not a .vrs file: its first bytes are not the magic number");
  }
  if (bytes.size() < layout::least_bytes)
    fail(ErrorCode::corrupt_stream,
         "the file ends after " + std::to_string(bytes.size()) + " bytes, within its header");
  const auto version = std::to_integer<unsigned>(bytes[4]);
  if (version != layout::version) {
    fail(ErrorCode::unsupported_version, "the file has format version " + std::to_string(version) +
                                             ", this build reads version " + std::to_string(layout::version) +
                                             "; update vaerans");
  }
  const auto body = bytes.first(bytes.size() - layout::crc_bytes);
  if (ByteReader(bytes.last(layout::crc_bytes), "checksum").u32() != crc32_of(body)) {
    fail(ErrorCode::corrupt_stream, "the checksum does not match: the file is damaged or cut short");
  }
}

void read_source(ByteReader& in, Parsed& out, const Limits& limits) {
  const std::uint8_t kind = in.u8();
  if (kind > 1) in.corrupt("unknown kind of source");
  const bool picture = kind == static_cast<std::uint8_t>(SourceKind::picture);
  const std::uint64_t a =
      in.count(picture ? limits.max_side : limits.max_channels, picture ? "a height of" : "a channel count of");
  const std::uint64_t b = in.count(limits.max_side, picture ? "a width of" : "a height of");
  const std::uint64_t c = in.count(limits.max_side, picture ? "a channel count of" : "a width of");
  if (a == 0 || b == 0 || c == 0 || (picture && c != 3)) in.corrupt("an impossible shape");
  if ((picture ? a * b : b * c) > limits.max_pixels) {
    throw Error(ErrorCode::limit_exceeded,
                "the picture has more than " + std::to_string(limits.max_pixels) + " pixels, the limit in force");
  }
  out.source =
      picture ? Spec{Kind::image, DType::u8, Shape{a, b, c}, {}} : Spec{Kind::planes, DType::f32, Shape{a, b, c}, {}};
  out.source_key = default_key(out.source.kind);
}

bool known_flags(std::uint8_t flags) {
  const bool lossless_only = flags == layout::flag_lossless;
  return !lossless_only && flags <= layout::flag_digest;
}

Parsed parse(std::span<const std::byte> bytes, const Limits& limits) {
  check_frame(bytes, limits);
  ByteReader in(bytes.first(bytes.size() - layout::crc_bytes), "file");
  Parsed out;
  (void)in.take(layout::magic.size() + 1);
  out.flags = in.u8();
  if (!known_flags(out.flags)) in.corrupt("unknown flags");
  read_source(in, out, limits);
  out.head_bytes = in.at();
  out.stream = read_stream(in, limits);
  if (out.flags != 0 && out.source.kind != Kind::image) in.corrupt("a latent with what belongs to pictures");
  if (out.has_digest()) out.digests = in.take(sizeof(Digest));
  if (out.has_residual()) {
    out.digests = in.take(2 * sizeof(Digest));
    out.residual = read_stream(in, limits);
  }
  in.expect_end();
  return out;
}

void store_digests(World& world, EntityId entity, const Parsed& file) {
  const TensorRef ref = world.arena().alloc_tensor(Shape{file.digests.size() + 1}, DType::u8);
  std::memcpy(world.arena().data(ref), file.digests.data(), file.digests.size());
  world.arena().view<std::uint8_t>(ref).back() = file.lossless() ? 1 : 0;
  world.set_tensor(entity, kDigestsKey, Kind::parameters, ref);
}

// ---- decoding ----------------------------------------------------------------------------------------------------

void fail(RunResult& result, EntityId entity, const Error& error, const Context& context) {
  const std::string message = "entity " + std::to_string(entity) + ", residual: " + error.what();
  if (context.on_error == OnError::raise) throw Error(error.code(), message);
  result.failed.push_back({entity, "residual", error.code(), message});
}

// Entities whose chains are undone by the same steps go together, whatever their quantiser steps are.
std::vector<EntityId> undo(World& world, std::span<const EntityId> entities, std::string_view key,
                           const Context& context, RunResult& result) {
  std::vector<std::pair<Pipeline, std::vector<EntityId>>> groups;
  for (const EntityId e : entities) {
    Pipeline inverse = pipeline_of(world, world.get(e, key)).inverse();
    const auto same =
        std::find_if(groups.begin(), groups.end(), [&](const auto& g) { return g.first.recipe() == inverse.recipe(); });
    if (same == groups.end()) {
      groups.emplace_back(std::move(inverse), std::vector{e});
    } else {
      same->second.push_back(e);
    }
  }
  std::vector<EntityId> done;
  for (const auto& [pipeline, members] : groups) {
    const auto ok = result.absorb(pipeline.run_from(world, members, key, context));
    done.insert(done.end(), ok.begin(), ok.end());
  }
  return done;
}

bool digest_matches(World& world, EntityId entity, std::string_view picture, std::size_t which) {
  const auto digests = world.arena()
                           .view<std::uint8_t>(world.get(entity, kDigestsKey).data)
                           .subspan(which * sizeof(Digest), sizeof(Digest));
  return hex(picture_digest(world, entity, picture)) == hex(std::as_bytes(digests));
}

// Without a residual a deviation costs nothing but the last bits: it is noted, not refused.
void note_digest(World& world, EntityId entity) {
  world.metadata(entity)[std::string(digest_matches_key)] = digest_matches(world, entity, "ReconRGB", 0) ? 1 : 0;
}

std::vector<EntityId> with_base(World& world, std::span<const EntityId> entities, const Context& context,
                                RunResult& result) {
  std::vector<EntityId> out;
  for (const EntityId e : entities) {
    if (digest_matches(world, e, "ReconRGB", 0)) {
      out.push_back(e);
    } else {
      fail(result, e,
           Error(ErrorCode::base_mismatch,
                 "the base picture decoded here differs from the encoder's (another CPU, ONNX Runtime or provider), "
                 "so the residual cannot be added; decode with the encoder's set-up"),
           context);
    }
  }
  return out;
}

void check_source(World& world, std::span<const EntityId> entities, const Context& context, RunResult& result) {
  for (const EntityId e : entities) {
    const bool lossless = world.arena().view<std::uint8_t>(world.get(e, kDigestsKey).data).back() == 1;
    if (lossless && !digest_matches(world, e, "ReconRGB", 1)) {
      fail(result, e, Error(ErrorCode::corrupt_stream, "the decoded picture is not the source that the file promises"),
           context);
    }
  }
}

void add_residuals(World& world, std::span<const EntityId> entities, const Context& context, RunResult& result) {
  const auto based = with_base(world, entities, context, result);
  const auto differences = undo(world, based, kResidualKey, context, result);
  if (differences.empty()) return;
  const auto added =
      result.absorb(Scheduler::run(world, make_system("add_residual"), differences, "ReconRGB", {}, context));
  check_source(world, added, context, result);
}

// ---- information -------------------------------------------------------------------------------------------------

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

void add_model(FileInfo& info, const StoredStep& step) {
  for (const auto& [name, value] : step.system->params()) {
    if (name == "model") info.model = std::get<std::string>(value);
  }
  info.model_hash = hex(step.side_info.first(std::min<std::size_t>(8, step.side_info.size())));
}

}  // namespace

Bytes write_file(World& world, EntityId entity, std::string_view key) {
  const Component& bitstream = world.get(entity, key);
  ByteWriter out;
  write_head(out, 0, bitstream);
  write_stream(out, world.arena(), bitstream);
  return sealed(out);
}

Bytes write_file(World& world, EntityId entity, std::string_view key, const BaseDigest& digest) {
  const Component& bitstream = world.get(entity, key);
  ByteWriter out;
  write_head(out, layout::flag_digest, bitstream);
  write_stream(out, world.arena(), bitstream);
  out.raw(picture_digest(world, entity, digest.base));
  return sealed(out);
}

Bytes write_file(World& world, EntityId entity, std::string_view key, const ResidualStream& residual) {
  const Component& bitstream = world.get(entity, key);
  ByteWriter out;
  write_head(out, layout::flag_residual | (residual.lossless ? layout::flag_lossless : 0), bitstream);
  write_stream(out, world.arena(), bitstream);
  out.raw(picture_digest(world, entity, residual.base));
  out.raw(picture_digest(world, entity, "RGB"));
  write_stream(out, world.arena(), world.get(entity, residual.key));
  return sealed(out);
}

EntityId read_file(World& world, std::span<const std::uint8_t> bytes, const Limits& limits) {
  const Parsed file = parse(std::as_bytes(bytes), limits);
  const EntityId entity = world.new_entity();
  try {
    attach_stream(world, entity, "Bitstream", file.stream, file.source_key, file.source, limits);
    if (file.has_residual()) {
      const Spec difference{Kind::difference, DType::i16, file.source.shape, {}};
      attach_stream(world, entity, kResidualKey, file.residual, "Residual", difference, limits);
    }
    if (!file.digests.empty()) store_digests(world, entity, file);
  } catch (...) {
    world.despawn(entity);
    throw;
  }
  return entity;
}

RunResult decode_entities(World& world, std::span<const EntityId> entities, const Context& context) {
  RunResult result;
  const auto based = undo(world, entities, "Bitstream", context, result);
  std::vector<EntityId> layered;
  std::copy_if(based.begin(), based.end(), std::back_inserter(layered),
               [&](EntityId e) { return world.has(e, kResidualKey); });
  for (const EntityId e : based) {
    if (world.has(e, kDigestsKey) && !world.has(e, kResidualKey)) note_digest(world, e);
  }
  add_residuals(world, layered, context, result);
  const auto failed = [&](EntityId e) {
    return std::any_of(result.failed.begin(), result.failed.end(), [&](const Failure& f) { return f.entity == e; });
  };
  std::copy_if(entities.begin(), entities.end(), std::back_inserter(result.done),
               [&](EntityId e) { return !failed(e); });
  return result;
}

FileInfo file_info(std::span<const std::uint8_t> bytes, const Limits& limits) {
  const Parsed file = parse(std::as_bytes(bytes), limits);
  FileInfo info;
  info.version = layout::version;
  info.file_bytes = bytes.size();
  info.recipe = file.stream.recipe();
  info.source_key = file.source_key;
  info.source_shape.assign(file.source.shape.dims().begin(), file.source.shape.dims().end());
  const auto vae = std::find_if(file.stream.steps.begin(), file.stream.steps.end(),
                                [](const StoredStep& s) { return s.system->contract().name == "vae"; });
  if (vae != file.stream.steps.end()) add_model(info, *vae);
  add_parts(info, file.stream, "");
  info.has_residual = file.has_residual();
  info.lossless = file.lossless();
  if (!file.digests.empty()) info.base_hash = hex(file.digests.first(sizeof(Digest)));
  if (info.has_residual) {
    info.residual_recipe = file.residual.recipe();
    info.source_hash = hex(file.digests.subspan(sizeof(Digest)));
    add_parts(info, file.residual, "residual ");
  }
  add_frame_part(info);
  return info;
}

}  // namespace vaerans
