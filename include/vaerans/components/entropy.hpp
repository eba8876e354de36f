// Coded bytes.
#pragma once

#include <string_view>

#include "vaerans/core/component.hpp"

namespace vaerans {

/// (n,) u8: the payload; the tables and all that a decoder needs beside it are in the trail's side information.
struct ANSBitstream {
  static constexpr std::string_view key = "Bitstream";
  static constexpr Kind kind = Kind::bitstream;
};

}  // namespace vaerans
