// vaerans latents: one file for each of its commands.
#pragma once

#include "commands/commands.hpp"

namespace vaerans::cli {

void add_latents_pack(CLI::App& latents, Chosen& chosen);
void add_latents_unpack(CLI::App& latents, Chosen& chosen);
void add_latents_info(CLI::App& latents, Chosen& chosen);
void add_latents_verify(CLI::App& latents, Chosen& chosen);
void add_latents_gc(CLI::App& latents, Chosen& chosen);

}  // namespace vaerans::cli
