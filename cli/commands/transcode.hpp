// vaerans transcode
#pragma once

#include "commands/commands.hpp"

namespace vaerans::cli {

void add_transcode(CLI::App& app, Chosen& chosen);

}  // namespace vaerans::cli
