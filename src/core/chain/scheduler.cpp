// Groups entities of one shape, runs a step once for each group, and hands every entity its item of the result.
#include <algorithm>
#include <chrono>

#include "core/chain/contract.hpp"
#include "vaerans/base/error.hpp"
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
  }
  require_none(undo_problem(contract, last_step(out.at(0).trail)));
}

std::string output_key(const Contract& contract, std::size_t port, std::string_view out, const Component& input) {
  return port == 0 ? main_output(contract, out, last_step(input.trail)).key : own_key(contract.outputs[port]);
}

TraceTensor trace_tensor(const std::string& key, const Component& component, std::size_t n) {
  TraceTensor out{key, std::string(dtype_name(component.spec.dtype)), {n}};
  const auto dims = component.data.shape().dims();
  out.shape.insert(out.shape.end(), dims.begin(), dims.end());
  return out;
}

}  // namespace

// One call of Scheduler::run: gathers candidates into groups, runs them, and collects what failed.
class Batch {
 public:
  Batch(World& world, const System& system, std::string_view cursor, std::string_view out, const Context& context)
      : world_(world), system_(system), contract_(system.contract()), cursor_(cursor), out_(out), context_(context) {}

  RunResult run(std::span<const EntityId> entities) {
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
    TraceRecord trace;
    trace.system = system_.recipe();
    trace.seed = context_.seed;
    trace.entities = bucket.entities;
    Group group(world_, system_, context_, std::move(bucket.entities), std::move(bucket.inputs), trace);
    const auto begin = std::chrono::steady_clock::now();
    if (!execute(group)) return;
    commit(group);
    trace.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (context_.trace != nullptr) context_.trace->push_back(std::move(trace));
  }

  // False: the whole group failed. An ArenaFull that is to be raised keeps its numbers, so it is not rewrapped.
  bool execute(Group& group) {
    try {
      system_.run(group);
      return true;
    } catch (const ArenaFull& full) {
      if (context_.on_error == OnError::raise) throw;
      fail_all(group, full);
    } catch (const Error& error) {
      fail_all(group, error);
    } catch (const std::bad_alloc&) {
      fail_all(group, Error(ErrorCode::limit_exceeded, "out of memory; use smaller batches"));
    } catch (const std::exception& error) {
      fail_all(group, Error(ErrorCode::internal, error.what()));
    }
    return false;
  }

  void commit(Group& group) {
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (group.failures_[i]) {
        fail(group.entities_[i], *group.failures_[i]);
      } else {
        commit_entity(group, i);
      }
    }
    if (context_.trace != nullptr) fill_trace(group);
  }

  void commit_entity(Group& group, std::size_t i) {
    const Component& input = group.inputs_[0][i];
    const std::string main_input = input_key(contract_, 0, cursor_);
    if (group.in_place_) world_.erase(group.entities_[i], main_input);
    for (std::size_t port = 0; port < group.outputs_.size(); ++port) {
      Component& component = group.outputs_[port][i];
      if (!component.data.valid()) continue;
      if (port == 0) component.trail = trail(input, main_input, group.side_info_[i]);
      const std::string key = output_key(contract_, port, out_, input);
      world_.set(group.entities_[i], key, component);
      if (port == 0 && result_.key.empty()) result_.key = key;
    }
  }

  const TrailStep* trail(const Component& input, const std::string& key, std::span<const std::byte> side_info) {
    if (contract_.role == Role::forward) return world_.extend_trail(system_, key, input.spec, side_info, input.trail);
    return contract_.role == Role::inverse && input.trail != nullptr ? input.trail->previous : nullptr;
  }

  void fill_trace(const Group& group) const {
    TraceRecord& trace = group.trace_;
    for (std::size_t port = 0; port < group.inputs_.size(); ++port) {
      const std::string key = input_key(contract_, port, cursor_);
      trace.inputs.push_back(trace_tensor(key, group.inputs_[port][0], group.size()));
      for (const auto& c : group.inputs_[port]) trace.bytes_in += c.data.bytes();
    }
    for (std::size_t port = 0; port < group.outputs_.size(); ++port) {
      const auto made = [](const Component& c) { return c.data.valid(); };
      const auto first = std::find_if(group.outputs_[port].begin(), group.outputs_[port].end(), made);
      if (first == group.outputs_[port].end()) continue;
      trace.outputs.push_back(
          trace_tensor(output_key(contract_, port, out_, group.inputs_[0][0]), *first, group.size()));
      for (const auto& c : group.outputs_[port]) trace.bytes_out += c.data.valid() ? c.data.bytes() : 0;
    }
  }

  void fail_all(const Group& group, const Error& error) {
    for (const EntityId entity : group.entities()) fail(entity, error);
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
  if (context.dtype != DType::f32) {
    throw Error(ErrorCode::bad_parameter, "the context asks for " + std::string(dtype_name(context.dtype)) +
                                              ", but this version computes latents in f32 only");
  }
  world.keep(system);
  return Batch(world, *system, cursor, out, context).run(entities);
}

}  // namespace vaerans
