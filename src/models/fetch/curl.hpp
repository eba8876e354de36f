// Downloads by the machine's libcurl, which is loaded when it is first needed: nothing else in the library wants it,
// and whoever never fetches from the web need not have it.
#pragma once

#include <cstdint>
#include <string>

namespace vaerans::models {

/// A Download (vaerans/model_sources.hpp). http and https only, redirections followed; nothing of a server that sends
/// less than a few bytes a second. Throws Error(io), also where there is no libcurl.
void download_by_curl(const std::string& url, const std::string& path, std::uint64_t most);

}  // namespace vaerans::models
