// Files that a test makes and that must stay as they are.
#pragma once

#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace vaerans::test {

/// The bytes of tests/golden/<name>. With VAERANS_REGENERATE_GOLDEN in the environment it is first made of `now`.
inline std::vector<std::uint8_t> golden(const std::string& name, const std::vector<std::uint8_t>& now) {
  const std::string path = VAERANS_TEST_DATA "/golden/" + name;
  if (std::getenv("VAERANS_REGENERATE_GOLDEN") != nullptr) {
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(now.data()), static_cast<std::streamsize>(now.size()));
  }
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace vaerans::test
