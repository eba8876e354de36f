// From an old generation of a model to a new one.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "vaerans/core/context.hpp"
#include "vaerans/file.hpp"

namespace vaerans {

struct TranscodeOptions {
  std::string model = {};  ///< NAME, NAME@HASH or a folder; empty: default_model
  /// Also code the decoded picture again where the file does not hold its source bit by bit, which loses once more.
  bool lossy = false;
  std::optional<double> quality = {};  ///< 1…100 of mode "model"; by default that of the file's own quantiser step
};

enum class Transcoding : std::uint8_t {
  kept,      ///< the file needs no model, or is of this generation: its bytes are as they were
  lossless,  ///< base and residual by the new generation; the picture is the same, bit by bit
  lossy,     ///< the decoded picture was coded again
};

/// "kept", "lossless", "lossy".
[[nodiscard]] std::string_view transcoding_name(Transcoding how) noexcept;

struct Transcoded {
  Bytes file;
  Transcoding how = Transcoding::kept;
};

/// A file by another generation of a model. Metadata and alpha are kept, and where the picture stays the same all
/// chunks that a decoder may skip, too. A file whose picture cannot stay the same is refused, Error(bad_parameter),
/// unless `lossy` is given. Throws what decompress() and compress() throw.
[[nodiscard]] Transcoded transcode(std::span<const std::uint8_t> file, const TranscodeOptions& options = {},
                                   const Context& context = {});

}  // namespace vaerans
