// Entropy coding by range asymmetric numeral systems (Duda 2013, arXiv 1311.2540).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "vaerans/components/entropy.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {

struct ANSOptions {
  std::string coder = "auto";  ///< or "static", "context", "constriction", "mixing"
};

/// SymbolsU8 → Bitstream. Which coder it was, the side information says: ANSDecode takes no options.
[[nodiscard]] SystemPtr ANSEncode(const ANSOptions& options = {});
/// Bitstream → SymbolsU8. Error(corrupt_stream) for anything that no encoder wrote.
[[nodiscard]] SystemPtr ANSDecode();

/// What a Bitstream holds: its tables and how many symbols. Throws Error(contract) if it did not come from ANSEncode.
struct StreamInfo {
  std::uint64_t n_symbols = 0;
  std::uint64_t payload_bytes = 0, side_info_bytes = 0;
  std::string coder;
  StreamTables model;  ///< coder static only; empty for others
  /// Coder constriction only, empty for others: how often each symbol occurs in each subband, from 0 to the largest.
  std::vector<std::vector<std::uint32_t>> counts;
};
[[nodiscard]] StreamInfo stream_info(const Component& bitstream);

/// The probabilities that a Bitstream was coded with, [subband][symbol]: tables of the coders that have some, and of
/// coder context, which gives each coefficient a distribution of its own, their mean over the subband. Empty for coder
/// mixing, whose decisions are binary. Decodes the stream where it must. Throws as stream_info() and ANSDecode do.
[[nodiscard]] std::vector<std::vector<double>> stream_probabilities(World& world, const Component& bitstream);

}  // namespace vaerans
