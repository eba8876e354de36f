// From an entity's streams to a file, and back.
#include "vaerans/file.hpp"

#include <algorithm>
#include <cstring>

#include "api/compress/rate.hpp"
#include "api/layers.hpp"
#include "api/parts/tiles.hpp"
#include "api/plan.hpp"
#include "core/chain/contract.hpp"
#include "format/container.hpp"
#include "models/generations/reference.hpp"
#include "vaerans/api.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

// ---- writing -----------------------------------------------------------------------------------------------------

StoredStream stored(Arena& arena, const Component& bitstream) {
  if (bitstream.spec.kind != Kind::bitstream || bitstream.trail == nullptr) {
    throw Error(ErrorCode::contract, "only a bitstream can be written to a file, not " +
                                         std::string(kind_name(bitstream.spec.kind)) +
                                         "; end the chain with an entropy coder such as ans");
  }
  StoredStream out;
  for (const TrailStep* node = bitstream.trail; node != nullptr; node = node->previous) {
    out.steps.push_back({node->system->shared_from_this(), node->side_info});
  }
  std::ranges::reverse(out.steps);
  out.payload = {arena.data(bitstream.data), bitstream.data.bytes()};
  return out;
}

StoredFile stored_file(World& world, EntityId entity, std::string_view key) {
  const Component& bitstream = world.get(entity, key);
  StoredFile out;
  out.source = source_of(bitstream);
  out.base = stored(world.arena(), bitstream);
  return out;
}

// A file that promises what it does not hold would blame the machine that decodes it. The only proof is to decode it.
void require_promises_kept(const Bytes& file, const std::string& base) {
  const auto refuse = [&](const std::string& what) {
    throw Error(ErrorCode::contract, what + "; decode the bitstream (pipe.use('Bitstream'), then the inverse steps), " +
                                         "and take the residual of what that gives");
  };
  try {
    const Image decoded = decompress(file);
    if (decoded.digest_matches == false) refuse("'" + base + "' is not what the bitstream decodes to");
  } catch (const Error& error) {
    if (error.code() == ErrorCode::base_mismatch) refuse("'" + base + "' is not what the bitstream decodes to");
    if (error.code() == ErrorCode::corrupt_stream) refuse("'" + base + "' and the residual do not add up to RGB");
    throw;
  }
}

// ---- reading -----------------------------------------------------------------------------------------------------

// A few bytes can describe a huge latent: what steps claim is bounded before anything is decoded into it.
void check_size(const Spec& spec, const Limits& limits) {
  if (spec.shape.elements() / 4 <= limits.max_pixels) return;
  throw Error(ErrorCode::limit_exceeded, "a step gives " + spec.shape.str() +
                                             " elements, more than four for each of the " +
                                             std::to_string(limits.max_pixels) + " pixels allowed");
}

// What a step makes of `input`, once it is clear that the step takes it.
Spec described(const StoredStep& step, std::string_view key, const Spec& input, Arena& arena, const Limits& limits) {
  if (const auto problem = kind_problem(step.system->contract(), 0, key, input.kind)) {
    throw Error(ErrorCode::corrupt_stream, "the file's steps do not fit: " + step.system->recipe() + " " + *problem);
  }
  Spec out = step.system->describe(input, step.side_info, arena, limits);
  check_size(out, limits);
  return out;
}

// A model's name may mean another generation by now than the one that made the file, which the side information tells.
SystemPtr as_made(const StoredStep& step) {
  const auto model = step.system->model();
  if (!model) return step.system;
  const auto fields = step.system->describe_side_info(step.side_info);
  const auto hash = std::ranges::find(fields, "model_hash", &SideInfoField::name);
  return hash == fields.end() ? step.system : step.system->with_model(models::reference_to(*model, hash->text));
}

// Plays the steps over the source's spec and makes the stream a component of the entity.
void attach(World& world, EntityId entity, std::string_view key, const StoredStream& stream, const Spec& source,
            const Limits& limits) {
  check_size(source, limits);
  Spec spec = source;
  std::string at(default_key(source.kind));
  const TrailStep* trail = nullptr;
  for (const StoredStep& step : stream.steps) {
    const Contract& contract = step.system->contract();
    at = input_key(contract, 0, at);
    const Spec next = described(step, at, spec, world.arena(), limits);
    const SystemPtr system = as_made(step);
    world.keep(system);
    trail = world.extend_trail(*system, at, spec, step.side_info, trail);
    at = main_output(contract, {}, last_step(trail)).key;
    spec = next;
  }
  if (spec.kind != Kind::bitstream) {
    throw Error(ErrorCode::corrupt_stream, "the recipe '" + stream.recipe() + "' does not end in a bitstream");
  }
  const TensorRef data = world.arena().alloc_tensor(Shape{stream.payload.size()}, DType::u8);
  std::memcpy(world.arena().data(data), stream.payload.data(), stream.payload.size());
  spec.shape = data.shape();
  world.set(entity, key, {data, spec, trail});
}

void attach_all(World& world, EntityId entity, const StoredFile& file, const Limits& limits) {
  attach(world, entity, base_stream_key, file.base, file.source, limits);
  if (file.residual) {
    const Spec difference{Kind::difference, DType::i16, file.source.shape, {}};
    attach(world, entity, residual_stream_key, *file.residual, difference, limits);
  }
  if (file.alpha) attach(world, entity, alpha_stream_key, *file.alpha, alpha_source(file.source), limits);
  if (!file.base_digest) return;
  Promise promise{*file.base_digest, std::nullopt};
  if (file.lossless) promise.source = file.source_digest;
  set_promise(world, entity, promise);
}

}  // namespace

std::uint64_t alpha_chunk_bytes(World& world, EntityId entity) {
  ByteWriter stream;
  write_stream(stream, stored(world.arena(), world.get(entity, alpha_stream_key)));
  return stored_bytes(make_chunk(layout::ChunkNumber::alpha, stream.bytes()));
}

Bytes with_alpha(World& world, EntityId entity, const Bytes& file, const Limits& limits) {
  StoredFile parts = parse_container(std::as_bytes(std::span(file)), limits);
  parts.alpha = stored(world.arena(), world.get(entity, alpha_stream_key));
  return write_container(parts);
}

Bytes with_digest(const Bytes& file, const Context& context) {
  StoredFile parts = parse_container(std::as_bytes(std::span(file)), context.limits);
  const Image image = decompress(file, trial_context(context));
  parts.base_digest = digest_of(std::as_bytes(std::span(image.rgb)));
  return write_container(parts);
}

Bytes write_file(World& world, EntityId entity, std::string_view key) {
  return write_tiled(stored_file(world, entity, key));
}

Bytes write_decoded(World& world, EntityId entity, std::string_view key, const BaseDigest& digest) {
  StoredFile file = stored_file(world, entity, key);
  file.base_digest = picture_digest(world, entity, digest.base);
  return write_tiled(std::move(file));
}

Bytes write_decoded(World& world, EntityId entity, std::string_view key, const ResidualStream& residual) {
  StoredFile file = stored_file(world, entity, key);
  file.residual = stored(world.arena(), world.get(entity, residual.key));
  file.lossless = residual.lossless;
  file.base_digest = picture_digest(world, entity, residual.base);
  file.source_digest = picture_digest(world, entity, "RGB");
  return write_tiled(std::move(file));
}

Bytes write_file(World& world, EntityId entity, std::string_view key, const BaseDigest& digest) {
  Bytes file = write_decoded(world, entity, key, digest);
  require_promises_kept(file, digest.base);
  return file;
}

Bytes write_file(World& world, EntityId entity, std::string_view key, const ResidualStream& residual) {
  Bytes file = write_decoded(world, entity, key, residual);
  require_promises_kept(file, residual.base);
  return file;
}

EntityId read_file(World& world, std::span<const std::uint8_t> bytes, const Limits& limits) {
  const StoredFile file = parse_container(std::as_bytes(bytes), limits);
  const EntityId entity = world.new_entity();
  try {
    attach_all(world, entity, file, limits);
  } catch (...) {
    world.despawn(entity);
    throw;
  }
  return entity;
}

}  // namespace vaerans
