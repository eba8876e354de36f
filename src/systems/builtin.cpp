#include "systems/builtin.hpp"

#include "core/builtin.hpp"

namespace vaerans {

void register_builtin_systems() {
#define VAERANS_TOPIC(topic) register_##topic();
#include "systems/builtin.inc"
#undef VAERANS_TOPIC
}

}  // namespace vaerans
