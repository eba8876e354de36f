// The rules of contracts, said once for all who play a step: a chain that is only checked, the scheduler that runs it,
// and a file whose steps are played over its source. Which key a port reads, which kinds it takes, what an inverse may
// undo, and what comes out under which key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "vaerans/core/system.hpp"

namespace vaerans {

/// The last step that was done to a component, which is what an inverse undoes.
struct LastStep {
  std::string_view name, input_key;
  Kind input_kind = Kind::image;
};
[[nodiscard]] std::optional<LastStep> last_step(const TrailStep* trail);

/// A port's own key, or where it has none the specification's key for its kind.
[[nodiscard]] std::string own_key(const Port& port);
/// The key that input `port` reads when the pipe stands on `cursor`.
[[nodiscard]] std::string input_key(const Contract& contract, std::size_t port, std::string_view cursor);

/// Why input `port` does not take the component `key` of this kind; nullopt: it does.
[[nodiscard]] std::optional<std::string> kind_problem(const Contract& contract, std::size_t port, std::string_view key,
                                                      Kind kind);
/// Why this step cannot follow `last`; nullopt: it can, as all but inverses always can.
[[nodiscard]] std::optional<std::string> undo_problem(const Contract& contract, const std::optional<LastStep>& last);

/// What a step makes.
struct Made {
  std::string key;
  Kind kind = Kind::image;
};
/// The main output: under `out` if that is not empty. An inverse whose output has no key gives back what the step that
/// it undoes had consumed.
[[nodiscard]] Made main_output(const Contract& contract, std::string_view out, const std::optional<LastStep>& last);

}  // namespace vaerans
