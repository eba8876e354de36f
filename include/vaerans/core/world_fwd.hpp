// The few names that others need of a World.
#pragma once

#include <cstdint>

namespace vaerans {

using EntityId = std::uint64_t;
using Entity = EntityId;  ///< the specification's word
class World;

}  // namespace vaerans
