#include "api/layers.hpp"

#include <algorithm>

#include "api/file_context.hpp"
#include "api/plan.hpp"
#include "systems/memory_limit.hpp"
#include "vaerans/components/image.hpp"
#include "vaerans/components/latent.hpp"
#include "vaerans/core/registry.hpp"
#include "vaerans/core/world.hpp"
#include "vaerans/models.hpp"
#include "vaerans/systems/ans.hpp"
#include "vaerans/systems/color.hpp"
#include "vaerans/systems/predict.hpp"
#include "vaerans/systems/quantize.hpp"
#include "vaerans/systems/residual.hpp"
#include "vaerans/systems/wavelet.hpp"

namespace vaerans {
namespace {

constexpr std::int64_t kResidualLevels = 5;
constexpr std::string_view kPicture = "ReconRGB";
// (9,) u8: the base's digest and 0, or (17,) u8: the digests of base and source and 1.
constexpr std::string_view kPromiseKey = "FileDigests";

std::optional<Promise> promise_of(World& world, EntityId entity) {
  if (!world.has(entity, kPromiseKey)) return std::nullopt;
  const auto bytes = std::as_bytes(world.arena().view<std::uint8_t>(world.get(entity, kPromiseKey).data));
  Promise out;
  std::ranges::copy(bytes.first(sizeof(Digest)), out.base.begin());
  if (bytes.size() <= 2 * sizeof(Digest)) return out;
  out.source.emplace();
  std::ranges::copy(bytes.subspan(sizeof(Digest), sizeof(Digest)), out.source->begin());
  return out;
}

void fail(RunResult& result, EntityId entity, const std::string& step, const Error& error, const Context& context) {
  const std::string message = "entity " + std::to_string(entity) + ", " + step + ": " + error.what();
  if (context.on_error == OnError::raise) throw Error(error.code(), message);
  result.failed.push_back({entity, step, error.code(), message});
}

// The same steps, the last of which gives `out`; empty: what it gives by itself.
Pipeline with_output(const Pipeline& chain, std::string_view out) {
  if (out.empty()) return chain;
  Pipeline renamed;
  for (std::size_t i = 0; i < chain.steps().size(); ++i) {
    const auto& step = chain.steps()[i];
    renamed = renamed.then(step.system, i + 1 == chain.steps().size() ? std::string(out) : step.out, step.from);
  }
  return renamed;
}

// Entities whose chains are undone by the same steps go together, whatever their quantiser steps are.
std::vector<EntityId> undo(World& world, std::span<const EntityId> entities, std::string_view key,
                           const Context& context, RunResult& result, std::string_view out = {}) {
  std::vector<std::pair<Pipeline, std::vector<EntityId>>> groups;
  for (const EntityId e : entities) {
    Pipeline inverse = with_output(pipeline_of(world, world.get(e, key)).inverse(), out);
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

std::vector<EntityId> with_base(World& world, std::span<const EntityId> entities, const Context& context,
                                RunResult& result) {
  std::vector<EntityId> out;
  for (const EntityId e : entities) {
    const auto promise = promise_of(world, e);
    if (!promise || picture_digest(world, e, kPicture) == promise->base) {
      out.push_back(e);
    } else {
      fail(result, e, "residual",
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
    const auto promise = promise_of(world, e);
    if (promise && promise->source && picture_digest(world, e, kPicture) != *promise->source) {
      fail(result, e, "residual",
           Error(ErrorCode::corrupt_stream, "the decoded picture is not the source that the file promises"), context);
    }
  }
}

void add_residuals(World& world, std::span<const EntityId> entities, const Context& context, RunResult& result) {
  const auto based = with_base(world, entities, context, result);
  const auto differences = undo(world, based, residual_stream_key, context, result);
  if (differences.empty()) return;
  const auto added = result.absorb(Scheduler::run(world, AddResidual(), differences, kPicture, {}, context));
  check_source(world, added, context, result);
}

bool decodes_alike(const Pipeline& chain) {
  return std::ranges::all_of(chain.steps(), [](const Pipeline::Step& step) { return decodes_alike(*step.system); });
}

// Asked before decoding, which may let go of the streams; of files with a residual the base's digest is checked anyway.
std::vector<EntityId> that_decode_alike(World& world, std::span<const EntityId> entities) {
  std::vector<EntityId> out;
  std::ranges::copy_if(entities, std::back_inserter(out), [&](EntityId e) {
    return promise_of(world, e) && !world.has(e, residual_stream_key) &&
           decodes_alike(pipeline_of(world, world.get(e, base_stream_key)));
  });
  return out;
}

// Without a residual a deviation costs nothing but the last bits: it is noted, not refused. Where there can be none,
// the picture is wrong.
void check_digest(World& world, EntityId entity, bool alike, const Context& context, RunResult& result) {
  const auto promise = promise_of(world, entity);
  if (!promise) return;
  const bool same = picture_digest(world, entity, kPicture) == promise->base;
  world.metadata(entity)[std::string(digest_matches_key)] = same ? 1 : 0;
  if (same || !alike) return;
  fail(result, entity, "digest", another_picture(), context);
}

// Decodes the alpha of those that have it.
std::vector<EntityId> undo_alpha(World& world, std::span<const EntityId> entities, const Context& context,
                                 RunResult& result) {
  std::vector<EntityId> with, out;
  for (const EntityId e : entities) (world.has(e, alpha_stream_key) ? with : out).push_back(e);
  if (with.empty()) return out;
  const auto done = undo(world, with, alpha_stream_key, context, result, decoded_alpha_key);
  out.insert(out.end(), done.begin(), done.end());
  std::ranges::sort(out);
  return out;
}

// What an entity's alpha takes beside its colours, once it is decoded.
Held held_alpha(World& world, EntityId entity) {
  return {world.has(entity, alpha_stream_key) ? source_bytes(world.get(entity, alpha_stream_key)) : 0};
}

// And what its colours take, as the first stream gives them.
Held held_picture(World& world, EntityId entity) {
  return {held_alpha(world, entity).bytes + source_bytes(world.get(entity, base_stream_key))};
}

// Colours and alpha stay while the caller's picture is made of both.
std::optional<PlanProblem> joining_problem(World& world, EntityId entity, const Limits& limits) {
  if (held_alpha(world, entity).bytes == 0) return std::nullopt;
  try {
    require_memory(2 * held_picture(world, entity).bytes, limits);
    return std::nullopt;
  } catch (const Error& error) {
    return PlanProblem{"colours and alpha", error};
  }
}

// In the order in which streams are decoded: see decode_entities().
std::optional<PlanProblem> file_problem(World& world, EntityId entity, const Limits& limits) {
  const Component& base = world.get(entity, base_stream_key);
  auto problem = plan_problem(base, limits, held_alpha(world, entity));
  if (!problem && world.has(entity, residual_stream_key))
    problem = plan_problem(world.get(entity, residual_stream_key), limits, held_picture(world, entity));
  if (!problem && world.has(entity, alpha_stream_key))
    problem = plan_problem(world.get(entity, alpha_stream_key), limits);
  return problem ? problem : joining_problem(world, entity, limits);
}

// With the limits that are left beside the most that any of them holds.
template <typename HeldOf>
Context beside(World& world, std::span<const EntityId> entities, const Context& context, HeldOf held_of) {
  Held held;
  for (const EntityId e : entities) held.bytes = std::max(held.bytes, held_of(world, e).bytes);
  Context out = context;
  out.limits = held.left_of(context.limits);
  return out;
}

// The entities whose files promise nothing that is too much, or cannot be.
std::vector<EntityId> feasible(World& world, std::span<const EntityId> entities, const Context& context,
                               RunResult& result) {
  std::vector<EntityId> out;
  for (const EntityId e : entities) {
    if (const auto problem = file_problem(world, e, context.limits)) {
      fail(result, e, problem->step, problem->error, context);
    } else {
      out.push_back(e);
    }
  }
  return out;
}

}  // namespace

Digest picture_digest(World& world, EntityId entity, std::string_view key) {
  const TensorRef& ref = world.get(entity, key).data;
  return digest_of({world.arena().data(ref), ref.bytes()});
}

bool decodes_alike(const System& system) {
  const auto model = system.model();
  return model ? find_model(*model).exact_decoder : find_system(system.contract().name).wire_id != 0;
}

Error another_picture() {
  return {ErrorCode::base_mismatch,
          "the decoded picture is not the one whose digest is in the file, although its chain decodes to the same "
          "pixels everywhere: a model's file or the graph cache (VAERANS_GRAPH_CACHE) was changed, or the processor "
          "or a provider computes wrongly; empty the cache, or decode with device 'cpu'"};
}

void set_promise(World& world, EntityId entity, const Promise& promise) {
  std::vector<std::byte> bytes(promise.base.begin(), promise.base.end());
  if (promise.source) bytes.insert(bytes.end(), promise.source->begin(), promise.source->end());
  bytes.push_back(std::byte{promise.source ? std::uint8_t{1} : std::uint8_t{0}});
  const TensorRef ref = world.arena().alloc_tensor(Shape{bytes.size()}, DType::u8);
  std::ranges::copy(bytes, world.arena().data(ref));
  world.set_tensor(entity, kPromiseKey, Kind::parameters, ref);
}

std::vector<EntityId> decode_base(World& world, std::span<const EntityId> entities, const Pipeline& chain,
                                  const Context& context, RunResult& result) {
  return result.absorb(chain.inverse().run_from(world, entities, chain.output_key(), context));
}

std::vector<EntityId> code_residual(World& world, std::span<const EntityId> entities, std::int64_t step,
                                    const Context& context, RunResult& result) {
  const Pipeline layer = Pipeline(Residual()) | ReversibleColor() | WaveletCDF53({.levels = kResidualLevels}) |
                         Quantize({.step = static_cast<double>(step)});
  return result.absorb(layer.then(ANSEncode(), residual_stream_key).run_from(world, entities, "RGB", context));
}

std::vector<EntityId> code_alpha(World& world, std::span<const EntityId> entities, std::int64_t effort,
                                 const Context& context, RunResult& result) {
  const Pipeline chain = Pipeline(Predict({.effort = effort})).then(ANSEncode({.coder = "mixing"}), alpha_stream_key);
  return result.absorb(chain.run_from(world, entities, Alpha::key, context));
}

RunResult decode_entities(World& world, std::span<const EntityId> entities, const Context& context) {
  const Context own = file_context(context);
  RunResult result;
  const auto planned = feasible(world, entities, own, result);
  const auto alike = that_decode_alike(world, planned);
  // Asked before decoding, which lets go of the streams.
  const Context colors = beside(world, planned, own, held_alpha), residual = beside(world, planned, own, held_picture);
  const auto opened = undo_alpha(world, planned, own, result);
  const auto based = undo(world, opened, base_stream_key, colors, result);
  std::vector<EntityId> layered;
  for (const EntityId e : based) {
    if (world.has(e, residual_stream_key)) {
      layered.push_back(e);
    } else {
      check_digest(world, e, std::ranges::find(alike, e) != alike.end(), own, result);
    }
  }
  add_residuals(world, layered, residual, result);
  const auto failed = [&](EntityId e) {
    return std::ranges::any_of(result.failed, [&](const Failure& f) { return f.entity == e; });
  };
  std::ranges::copy_if(entities, std::back_inserter(result.done), [&](EntityId e) { return !failed(e); });
  const bool latents = !result.done.empty() && !world.has(result.done.front(), kPicture);
  result.key = latents ? Latent4::key : kPicture;
  return result;
}

}  // namespace vaerans
