// The version of vaerans. CMakeLists.txt and pyproject.toml read the three numbers below from this file;
// they are written nowhere else.
#pragma once

#define VAERANS_VERSION_MAJOR 0
#define VAERANS_VERSION_MINOR 1
#define VAERANS_VERSION_PATCH 0

#define VAERANS_DETAIL_STRING2(x) #x
#define VAERANS_DETAIL_STRING(x) VAERANS_DETAIL_STRING2(x)

namespace vaerans {

/// The version as "major.minor.patch".
inline constexpr const char* version_string = VAERANS_DETAIL_STRING(VAERANS_VERSION_MAJOR) "." VAERANS_DETAIL_STRING(
    VAERANS_VERSION_MINOR) "." VAERANS_DETAIL_STRING(VAERANS_VERSION_PATCH);

}  // namespace vaerans
