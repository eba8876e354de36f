// Groups entities of one shape, runs a step once for each group, and hands every entity its item of the result.
#include <algorithm>
#include <chrono>

#include "core/chain/contract.hpp"
#include "core/chain/entropy.hpp"
#include "core/chain/half_precision.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/base/interrupt.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {
namespace {

// Entities that are run together. One allocation for each list, however many entities there are.
struct Bucket {
  std::vector<EntityId> entities;
  std::vector<std::vector<Component>> inputs;  // [port][entity]

  Bucket(std::size_t ports, std::size_t room) : inputs(ports) {
    entities.reserve(room);
    for (auto& of_port : inputs) of_port.reserve(room);
  }
  void add(EntityId entity, std::span<const Component> candidate) {
    entities.push_back(entity);
    for (std::size_t port = 0; port < inputs.size(); ++port) inputs[port].push_back(candidate[port]);
  }
};

bool same_subbands(std::span<const Subband> a, std::span<const Subband> b) {
  const auto equal = [](const Subband& x, const Subband& y) {
    return x.channel == y.channel && x.level == y.level && x.orientation == y.orientation && x.offset == y.offset &&
           x.h == y.h && x.w == y.w;
  };
  return a.data() == b.data() ? a.size() == b.size() : std::equal(a.begin(), a.end(), b.begin(), b.end(), equal);
}

bool same_spec(const Spec& a, const Spec& b) {
  return a.kind == b.kind && a.dtype == b.dtype && a.shape == b.shape && same_subbands(a.subbands, b.subbands);
}

// The step that is undone decides the output's shape, so a group must have it in common.
bool same_origin(const Component& a, const Component& b) {
  if (a.trail == nullptr || b.trail == nullptr) return a.trail == b.trail;
  return a.trail->system->contract().name == b.trail->system->contract().name &&
         a.trail->input_key == b.trail->input_key && same_spec(a.trail->input, b.trail->input);
}

bool belongs(const Contract& contract, const Bucket& bucket, std::span<const Component> candidate) {
  for (std::size_t port = 0; port < candidate.size(); ++port) {
    const bool ragged = contract.ragged && port == 0;
    if (!ragged && !same_spec(bucket.inputs[port][0].spec, candidate[port].spec)) return false;
  }
  return contract.role != Role::inverse || same_origin(bucket.inputs[0][0], candidate[0]);
}

// Systems that are made for 8-bit RGB never see another picture.
void require_picture(const Contract& contract, const std::string& key, const Spec& spec) {
  const bool other =
      spec.kind == Kind::image && spec.shape.rank() == 3 && (spec.shape[2] == 1 || spec.dtype == DType::u16);
  if (contract.any_picture || !other) return;
  throw Error(ErrorCode::image_unsupported,
              contract.name + " takes 8-bit RGB; '" + key + "' is a " + (spec.dtype == DType::u16 ? "16-bit " : "") +
                  (spec.shape[2] == 1 ? "grey" : "RGB") +
                  " picture, which predict and ycocg take: leave the model or residual out, or convert it");
}

void require_none(const std::optional<std::string>& problem) {
  if (problem) throw Error(ErrorCode::contract, *problem);
}

// The entity's inputs, one for each port.
void resolve(const World& world, const Contract& contract, EntityId entity, std::string_view cursor,
             std::vector<Component>& out) {
  out.clear();
  for (std::size_t port = 0; port < contract.inputs.size(); ++port) {
    const std::string key = input_key(contract, port, cursor);
    out.push_back(world.get(entity, key));
    require_none(kind_problem(contract, port, key, out.back().spec.kind));
    require_picture(contract, key, out.back().spec);
  }
  require_none(undo_problem(contract, last_step(out.at(0).trail)));
}

std::string output_key(const Contract& contract, std::size_t port, std::string_view out, const Component& input) {
  return port == 0 ? main_output(contract, out, last_step(input.trail)).key : own_key(contract.outputs[port]);
}

TraceTensor trace_tensor(const std::string& key, const std::vector<Component>& components) {
  const auto made = std::ranges::find_if(components, [](const Component& c) { return c.data.valid(); });
  TraceTensor out;
  out.key = key;
  out.dtype = dtype_name(made->spec.dtype);
  out.shape = {components.size()};
  const auto dims = made->data.shape().dims();
  out.shape.insert(out.shape.end(), dims.begin(), dims.end());
  for (const Component& c : components) out.bytes += c.data.valid() ? c.data.bytes() : 0;
  return out;
}

}  // namespace

// One call of Scheduler::run: gathers candidates into groups, runs them, and collects what failed.
class Batch {
 public:
  Batch(World& world, const System& system, std::string_view cursor, std::string_view out, const Context& context)
      : world_(world), system_(system), contract_(system.contract()), cursor_(cursor), out_(out), context_(context) {}

  RunResult run(std::span<const EntityId> entities) {
    const Running running(world_.running_);
    for (auto& bucket : buckets(entities)) run_group(std::move(bucket));
    result_.done.reserve(entities.size());
    // Entities come back in the order in which they were given, whatever group they were in.
    for (const EntityId e : entities) {
      const auto failed = [&](const Failure& f) { return f.entity == e; };
      if (std::none_of(result_.failed.begin(), result_.failed.end(), failed)) result_.done.push_back(e);
    }
    if (result_.key.empty()) result_.key = cursor_;
    return std::move(result_);
  }

 private:
  /// While it lives, the world releases nothing: a system may despawn what it works on.
  class Running {
   public:
    explicit Running(unsigned& depth) : depth_(depth) { ++depth_; }
    ~Running() { --depth_; }
    Running(const Running&) = delete;
    Running& operator=(const Running&) = delete;

   private:
    unsigned& depth_;
  };

  std::vector<Bucket> buckets(std::span<const EntityId> entities) {
    std::vector<Bucket> out;
    std::vector<Component> candidate;
    for (const EntityId entity : entities) {
      try {
        resolve(world_, contract_, entity, cursor_, candidate);
        const auto fits = [&](const Bucket& bucket) { return belongs(contract_, bucket, candidate); };
        const auto found = std::find_if(out.begin(), out.end(), fits);
        const bool is_new = found == out.end();
        (is_new ? out.emplace_back(candidate.size(), entities.size()) : *found).add(entity, candidate);
      } catch (const Error& error) {
        fail(entity, error);
      }
    }
    return out;
  }

  void run_group(Bucket bucket) {
    check_interrupt();
    TraceRecord trace;
    trace.system = system_.recipe();
    trace.seed = context_.seed;
    trace.entities = bucket.entities;
    if (context_.trace != nullptr) trace_inputs(bucket, trace);
    const auto begin = std::chrono::steady_clock::now();
    std::vector<TensorRef> widened;
    const bool wide = guarded(bucket.entities, [&] { widen_inputs(bucket, widened); });
    Group group(world_, system_, context_, std::move(bucket.entities), std::move(bucket.inputs), trace);
    if (wide && execute(group, widened)) {
      commit(group);
      trace.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
      if (context_.trace != nullptr) {
        trace_outputs(group);
        context_.trace->add(std::move(trace));
      }
    }
    release_unused(group, widened);
  }

  void widen_inputs(Bucket& bucket, std::vector<TensorRef>& widened) const {
    for (auto& of_port : bucket.inputs) {
      if (const TensorRef wide = widen(world_.arena(), of_port); wide.valid()) widened.push_back(wide);
    }
  }

  // False: the whole group failed.
  bool execute(Group& group, const std::vector<TensorRef>& widened) {
    return guarded(group.entities(), [&] {
      system_.run(group);
      if (context_.dtype == DType::f16) narrow_outputs(group, widened);
    });
  }

  // What a step gives may be a view of its input, which stays as it is unless the step took it over or it was made for
  // this step only.
  void narrow_outputs(Group& group, const std::vector<TensorRef>& widened) const {
    std::vector<TensorRef> shared;
    for (const auto& of_port : group.inputs_) {
      for (const auto& input : of_port) {
        const auto made_for_it = [&](const TensorRef& wide) { return Arena::overlap(wide, input.data); };
        if (!group.in_place_ && std::ranges::none_of(widened, made_for_it)) shared.push_back(input.data);
      }
    }
    for (auto& of_port : group.outputs_) narrow(world_.arena(), of_port, shared);
  }

  void release_unused(const Group& group, const std::vector<TensorRef>& widened) const {
    for (const TensorRef& wide : widened) {
      const auto lies_in_it = [&](const Component& c) { return c.data.valid() && Arena::overlap(c.data, wide); };
      const auto any = [&](const auto& of_port) { return std::ranges::any_of(of_port, lies_in_it); };
      if (std::ranges::none_of(group.outputs_, any) && world_.arena().live(wide)) world_.arena().release(wide);
    }
  }

  // False: `work` threw, and these entities failed by it. An ArenaFull that is to be raised keeps its numbers, so it is
  // not rewrapped.
  template <typename Work>
  bool guarded(std::span<const EntityId> entities, Work work) {
    try {
      work();
      return true;
    } catch (const ArenaFull& full) {
      if (context_.on_error == OnError::raise) throw;
      fail_all(entities, full);
    } catch (const Error& error) {
      fail_all(entities, error);
    } catch (const std::bad_alloc&) {
      fail_all(entities, Error(ErrorCode::limit_exceeded, "out of memory; use smaller batches"));
    } catch (const std::exception& error) {
      fail_all(entities, Error(ErrorCode::internal, error.what()));
    }
    return false;
  }

  void commit(Group& group) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group.failures_[i]) {
        fail(group.entities_[i], *group.failures_[i]);
      } else {
        (void)guarded({&group.entities_[i], 1}, [&] { commit_entity(group, i); });
      }
    }
  }

  void commit_entity(Group& group, std::size_t i) {
    const Component& input = group.inputs_[0][i];
    const std::string main_input = input_key(contract_, 0, cursor_);
    if (group.in_place_) world_.erase(group.entities_[i], main_input);
    for (std::size_t port = 0; port < group.outputs_.size(); ++port) {
      Component& component = group.outputs_[port][i];
      const std::string key = output_key(contract_, port, out_, input);
      if (!component.data.valid()) {
        if (port != 0) continue;
        if (!is_set(group, i, key)) throw no_output(key);
        if (result_.key.empty()) result_.key = key;
        continue;
      }
      if (port == 0) component.trail = trail(input, main_input, group.side_info_[i]);
      put(group.entities_[i], key, component);
      if (port == 0 && result_.key.empty()) result_.key = key;
    }
  }

  // A system may also set its output itself, as one does that is written for world and entities.
  [[nodiscard]] bool is_set(const Group& group, std::size_t i, const std::string& key) const {
    const bool by_group = std::ranges::any_of(group.outputs_[0], [](const Component& c) { return c.data.valid(); });
    return !by_group && world_.has(group.entities_[i], key);
  }
  [[nodiscard]] Error no_output(const std::string& key) const {
    return {ErrorCode::contract,
            contract_.name + " has made no '" + key + "', which its contract promises; call output() or output_item()"};
  }

  // What the component replaces goes away with its memory unless it is to be kept.
  void put(EntityId entity, const std::string& key, const Component& component) {
    TensorRef replaced;
    if (!context_.keep && world_.has(entity, key)) replaced = world_.get(entity, key).data;
    world_.set(entity, key, component);
    if (replaced.valid()) world_.discard(replaced);
  }

  const TrailStep* trail(const Component& input, const std::string& key, std::span<const std::byte> side_info) {
    if (contract_.role == Role::forward) return world_.extend_trail(system_, key, input.spec, side_info, input.trail);
    return contract_.role == Role::inverse && input.trail != nullptr ? input.trail->previous : nullptr;
  }

  void trace_inputs(const Bucket& bucket, TraceRecord& trace) const {
    for (std::size_t port = 0; port < bucket.inputs.size(); ++port) {
      const auto& of_port = bucket.inputs[port];
      trace.inputs.push_back(trace_tensor(input_key(contract_, port, cursor_), of_port));
      trace.bytes_in += trace.inputs.back().bytes;
    }
  }

  void trace_outputs(const Group& group) const {
    TraceRecord& trace = group.trace_;
    for (std::size_t port = 0; port < group.outputs_.size(); ++port) {
      const auto& of_port = group.outputs_[port];
      if (std::ranges::none_of(of_port, [](const Component& c) { return c.data.valid(); })) continue;
      trace.outputs.push_back(trace_tensor(output_key(contract_, port, out_, group.inputs_[0][0]), of_port));
      trace.bytes_out += trace.outputs.back().bytes;
      estimate(trace.outputs.back(), of_port);
    }
  }

  void estimate(TraceTensor& tensor, const std::vector<Component>& components) const {
    std::vector<TensorRef> items;
    for (const auto& c : components) {
      if (c.data.valid()) items.push_back(c.data);
    }
    // The quantiser's step means something for what it will quantise only.
    const Kind kind = components.front().spec.kind;
    const double step = kind == Kind::planes || kind == Kind::bands ? context_.entropy_step : 0;
    const EntropyEstimate entropy = estimate_entropy(world_.arena(), items, step);
    tensor.entropy_bits = entropy.bits;
    tensor.entropy_at = entropy.at;
  }

  void fail_all(std::span<const EntityId> entities, const Error& error) {
    for (const EntityId entity : entities) fail(entity, error);
  }

  void fail(EntityId entity, const Error& error) {
    const std::string step = system_.recipe();
    const std::string message = "entity " + std::to_string(entity) + ", " + step + ": " + error.what();
    if (context_.on_error == OnError::raise) throw Error(error.code(), message);
    result_.failed.push_back({entity, step, error.code(), message});
  }

  World& world_;
  const System& system_;
  const Contract& contract_;
  std::string_view cursor_, out_;
  const Context& context_;
  RunResult result_;
};

RunResult Scheduler::run(World& world, const SystemPtr& system, std::span<const EntityId> entities,
                         std::string_view cursor, std::string_view out, const Context& context) {
  if (context.dtype != DType::f32 && context.dtype != DType::f16) {
    throw Error(ErrorCode::bad_parameter, "the context asks for " + std::string(dtype_name(context.dtype)) +
                                              "; latents and coefficients are f32 or f16");
  }
  world.keep(system);
  return Batch(world, *system, canonical_key(cursor), canonical_key(out), context).run(entities);
}

}  // namespace vaerans
