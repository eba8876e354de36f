// JSON files that come with models: cards and configurations, of anybody's making.
#pragma once

#include <cstdint>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

namespace vaerans::models {

struct JsonFile {
  nlohmann::json root;
  std::string text;     ///< the file's bytes
  std::string problem;  ///< why there is no JSON, to follow the file's name and ": "; empty where all is well
};

/// Values in values beyond this depth are refused: what walks through a tree needs the stack for it.
inline constexpr int max_json_depth = 64;

/// Reads a regular file of at most `most` bytes. Does not throw but for lack of memory.
[[nodiscard]] JsonFile read_json_file(const std::filesystem::path& file, std::uint64_t most);

}  // namespace vaerans::models
