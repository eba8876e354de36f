// Pipeline::resolve: puts systems in the order that their inputs and outputs ask for.
//
// A search over chains, played without data: it goes on with any system that fits, and keeps the longest chain that
// ends with all that is wanted and in which every step's result is used. Systems that could change places (two
// transforms of planes) keep the order in which they were given.
#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "core/chain/contract.hpp"
#include "core/chain/resolve_missing.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/core/registry.hpp"

namespace vaerans {
namespace {

constexpr std::size_t kMostTries = 200'000;

struct Choice {
  std::size_t system = 0;
  std::string from, made;
  std::vector<std::string> reads;
};

class Search {
 public:
  Search(std::span<const SystemPtr> systems, std::span<const std::string> want)
      : systems_(systems), want_(want.begin(), want.end()), used_(systems.size()) {
    for (const auto& system : systems) {
      require_ports(system->contract());
      for (const Port& port : system->contract().inputs) {
        if (!port.key.empty()) asked_.insert(port.key);
      }
    }
    asked_.insert(want.begin(), want.end());
  }

  std::optional<std::vector<Choice>> run(const ChainState& start, const std::vector<std::string>& order) {
    for (auto key = order.rbegin(); key != order.rend(); ++key) go(start, *key);
    return std::move(best_);
  }

 private:
  [[nodiscard]] const Contract& contract(std::size_t i) const { return systems_[i]->contract(); }

  void go(const ChainState& state, const std::string& cursor) {
    if (++tries_ > kMostTries) return;
    consider(state);
    for (std::size_t i = 0; i < systems_.size(); ++i) {
      if (used_[i] || !wanted(i) || stands_back(i, state, cursor)) continue;
      for (const auto& from : places(i, state, cursor)) extend(i, state, from);
    }
  }

  // Filters make something new; measures make nothing. Neither belongs in a chain unless somebody asks for it.
  [[nodiscard]] bool wanted(std::size_t i) const {
    const Contract& c = contract(i);
    if (c.role == Role::measure) return false;
    return c.role != Role::filter || asked_.contains(own_key(c.outputs.at(0)));
  }

  // Where the step may stand: where the chain has come to, or on an earlier component if it does not fit there.
  [[nodiscard]] std::vector<std::string> places(std::size_t i, const ChainState& state,
                                                const std::string& cursor) const {
    if (fits(i, state, cursor)) return {cursor};
    std::vector<std::string> out;
    for (const auto& [key, slot] : state.slots()) {
      if (key != cursor && fits(i, state, key)) out.push_back(key);
    }
    return out;
  }

  [[nodiscard]] bool fits(std::size_t i, const ChainState& state, const std::string& cursor) const {
    const Contract& c = contract(i);
    for (std::size_t port = 0; port < c.inputs.size(); ++port) {
      const std::string key = input_key(c, port, cursor);
      const auto slot = state.slots().find(key);
      if (slot == state.slots().end() || kind_problem(c, port, key, slot->second.kind)) return false;
    }
    try {
      ChainState next = state;
      (void)next.apply(*systems_[i], 1, cursor, {});
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  // Where two do the same kind of thing, the one that was given first goes first.
  [[nodiscard]] bool stands_back(std::size_t i, const ChainState& state, const std::string& cursor) const {
    for (std::size_t before = 0; before < i; ++before) {
      if (!used_[before] && alike(contract(before), contract(i)) && fits(before, state, cursor)) return true;
    }
    return false;
  }

  static bool alike(const Contract& a, const Contract& b) {
    const auto same = [](const Port& x, const Port& y) { return x.kind == y.kind && x.key == y.key; };
    return a.role == b.role && a.also_accepts == b.also_accepts && std::ranges::equal(a.inputs, b.inputs, same) &&
           std::ranges::equal(a.outputs, b.outputs, {}, &Port::kind, &Port::kind);
  }

  void extend(std::size_t i, const ChainState& state, const std::string& from) {
    ChainState next = state;
    Choice choice{i, from, next.apply(*systems_[i], 1, from, {}), {}};
    for (std::size_t port = 0; port < contract(i).inputs.size(); ++port) {
      choice.reads.push_back(input_key(contract(i), port, from));
    }
    used_[i] = true;
    const std::string made = choice.made;
    steps_.push_back(std::move(choice));
    go(next, made);
    steps_.pop_back();
    used_[i] = false;
  }

  void consider(const ChainState& state) {
    const auto there = [&](const std::string& key) { return state.slots().contains(key); };
    if (!std::ranges::all_of(want_, there) || (best_ && steps_.size() <= best_->size()) || !all_used()) return;
    best_ = steps_;
  }

  [[nodiscard]] bool all_used() const {
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      if (!is_used(i)) return false;
    }
    return true;
  }

  // Whether what a step makes is read, or wanted, before another step replaces it.
  [[nodiscard]] bool is_used(std::size_t i) const {
    const std::string& made = steps_[i].made;
    for (std::size_t later = i + 1; later < steps_.size(); ++later) {
      if (std::ranges::count(steps_[later].reads, made) > 0) return true;
      if (steps_[later].made == made) return false;
    }
    return std::ranges::count(want_, made) > 0;
  }

  std::span<const SystemPtr> systems_;
  std::vector<std::string> want_;
  std::vector<bool> used_;
  std::set<std::string, std::less<>> asked_;  ///< keys that are wanted, or that a system reads by name
  std::vector<Choice> steps_;
  std::optional<std::vector<Choice>> best_;
  std::size_t tries_ = 0;
};

}  // namespace

Pipeline Pipeline::resolve(std::span<const SystemPtr> systems, std::span<const std::string> have,
                           std::span<const std::string> want) {
  if (want.empty()) throw Error(ErrorCode::invalid_argument, "say what is wanted, such as want='Bitstream'");
  std::vector<std::string> wanted, order;
  for (const auto& key : want) wanted.emplace_back(canonical_key(key));
  ChainState start;
  for (const auto& name : have) {
    const std::string key(canonical_key(name));
    const Kind kind = kind_of_key(systems, key);
    start.add(key, {kind, {}, is_source(key)});  // whatever is no source has a past that is not told here
    order.push_back(key);
  }
  const auto found = Search(systems, wanted).run(start, order);
  if (!found) throw Error(ErrorCode::contract, why_unresolved(systems, start, wanted));
  Pipeline out;
  out.start_ = start;
  if (!order.empty()) out.start_key_ = order.back();
  if (!found->empty()) out.start_key_ = found->front().from;
  for (const Choice& step : *found) {
    const SystemPtr& system = systems[step.system];
    // The first says where it stands unless it would stand there by itself, so that its recipe is the whole chain.
    const std::string there = out.steps_.empty() ? own_key(system->contract().inputs.at(0)) : out.output_key();
    out = out.then(system, {}, step.from == there ? "" : step.from);
  }
  return out;
}

}  // namespace vaerans
