// vaerans models fetch|index|diff
#pragma once

#include "commands/commands.hpp"

namespace vaerans::cli {

/// Adds the commands that have to do with several generations of a model to `vaerans models`.
void add_generation_commands(CLI::App& models, Chosen& chosen);

}  // namespace vaerans::cli
