#include <algorithm>
#include <array>
#include <string>

#include "coding/coder.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {

std::span<const SymbolCoder* const> symbol_coders() {
  static const std::array all{&mixing_coder(), &context_coder(), &static_coder(), &constriction_coder()};
  return all;
}

const SymbolCoder& find_coder(std::string_view name) {
  std::string known = "auto";
  for (const SymbolCoder* coder : symbol_coders()) {
    if (coder->name() == name) return *coder;
    known += ", " + std::string(coder->name());
  }
  throw Error(ErrorCode::bad_parameter, "ans: there is no coder '" + std::string(name) + "'; there are " + known);
}

const SymbolCoder& find_coder(std::uint8_t wire_id) {
  for (const SymbolCoder* coder : symbol_coders()) {
    if (coder->wire_id() == wire_id) return *coder;
  }
  throw Error(ErrorCode::corrupt_stream,
              "ans side information: coder number " + std::to_string(wire_id) + " is unknown to this version");
}

ByteBuffer side_info_of(const SymbolCoder& coder, std::span<const std::byte> own) {
  ByteBuffer out{std::byte{coder.wire_id()}};
  out.insert(out.end(), own.begin(), own.end());
  return out;
}

}  // namespace vaerans
