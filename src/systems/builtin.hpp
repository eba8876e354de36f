// register_<topic>() for each line of builtin.inc; builtin.cpp calls them all.
#pragma once

namespace vaerans {

#define VAERANS_TOPIC(topic) void register_##topic();
#include "systems/builtin.inc"
#undef VAERANS_TOPIC

}  // namespace vaerans
