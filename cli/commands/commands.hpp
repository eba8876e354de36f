// The commands: each adds itself to the command line and, when chosen, leaves what is to be run.
#pragma once

#include <functional>
#include <string>

#include "exit_codes.hpp"

namespace CLI {
class App;
}

namespace vaerans::cli {

using Chosen = std::function<Exit()>;

void add_compress(CLI::App& app, Chosen& chosen);
void add_decompress(CLI::App& app, Chosen& chosen);
void add_info(CLI::App& app, Chosen& chosen);
void add_verify(CLI::App& app, Chosen& chosen);
void add_strip(CLI::App& app, Chosen& chosen);
void add_models(CLI::App& app, Chosen& chosen);
void add_systems(CLI::App& app, Chosen& chosen);
void add_eval(CLI::App& app, Chosen& chosen);
void add_latents(CLI::App& app, Chosen& chosen);
void add_completion(CLI::App& app, Chosen& chosen);
void add_manual(CLI::App& app, Chosen& chosen);

/// What `vaerans --version` prints.
[[nodiscard]] std::string version_text();

}  // namespace vaerans::cli
