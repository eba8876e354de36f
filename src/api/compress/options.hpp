// What options of compress() may say together.
#pragma once

#include "vaerans/api.hpp"

namespace vaerans {

/// Throws Error(bad_parameter) for a value that is out of range, and for options that do not go together.
void require_sound(const CompressOptions& options);

}  // namespace vaerans
