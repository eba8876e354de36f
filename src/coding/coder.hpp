// SymbolCoder: one way to turn the symbols of an item into bytes. ANSEncode chooses among them; the side information's
// first byte says which it was.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <variant>
#include <vector>

#include "base/memory.hpp"
#include "vaerans/base/limits.hpp"
#include "vaerans/core/component.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {

/// Symbols are stored as u8 or u16.
using SymbolsIn = std::variant<std::span<const std::uint8_t>, std::span<const std::uint16_t>>;
using SymbolsOut = std::variant<std::span<std::uint8_t>, std::span<std::uint16_t>>;

/// What a coder may know besides the symbols: the pyramid that they belong to, and what was learned of such symbols.
struct Pyramid {
  std::span<const Subband> subbands;
  std::shared_ptr<const EntropyPrior> prior;  ///< for coders that use one (uses_prior()); nullptr: there is none
  Workspace work;                             ///< work_bytes() bytes of scratch
  unsigned threads = 1;                       ///< that one item may use; 0: all that the machine has
};

struct Coded {
  ByteBuffer side_info;  ///< what follows the coder's number
  ByteBuffer payload;    ///< may be empty
  [[nodiscard]] std::size_t size() const noexcept { return side_info.size() + payload.size(); }
};

class SymbolCoder {
 public:
  virtual ~SymbolCoder() = default;
  SymbolCoder() = default;
  SymbolCoder(const SymbolCoder&) = delete;
  SymbolCoder& operator=(const SymbolCoder&) = delete;

  /// As in ANSEncode(coder=…), and the pinned number that stands for it in files (core/wire_ids.hpp).
  [[nodiscard]] virtual std::string_view name() const = 0;
  [[nodiscard]] virtual std::uint8_t wire_id() const = 0;

  /// Whether coder=auto tries it.
  [[nodiscard]] virtual bool in_auto() const { return true; }
  /// A lower bound of the coded bytes, found in a fraction of encode()'s time: auto leaves this coder out where another
  /// one needs no more than that.
  [[nodiscard]] virtual std::size_t worth_trying_above(const SymbolsIn&, const Pyramid&) const { return 0; }
  /// Whether it looks at Pyramid::prior, which may be costly to get.
  [[nodiscard]] virtual bool uses_prior() const { return false; }
  /// What the coder needs, for the message when encode() answers false.
  [[nodiscard]] virtual std::string_view needs() const { return "it takes all"; }

  /// Bytes of Pyramid::work that encode() and decode() need.
  [[nodiscard]] virtual std::size_t work_bytes(std::span<const Subband>) const { return 0; }
  /// Bytes of the heap that decode() takes at once beside the symbols, where they grow with these, or with the threads
  /// that it takes within these limits. `side_info` may come from any file.
  [[nodiscard]] virtual std::size_t decode_bytes(std::span<const std::byte>, std::span<const Subband>,
                                                 const Limits&) const {
    return 0;
  }
  /// Codes the symbols into `out`, whose contents are replaced. False: this coder does not take these symbols.
  [[nodiscard]] virtual bool encode(const SymbolsIn& symbols, const Pyramid& pyramid, Coded& out) const = 0;
  /// Fills the symbols. Throws Error(corrupt_stream), which says where, for anything that no encoder wrote.
  virtual void decode(std::span<const std::byte> side_info, std::span<const std::byte> payload, const Pyramid& pyramid,
                      const Limits& limits, const SymbolsOut& symbols) const = 0;
  /// decode(), and for each subband the mean of the distributions that its symbols were coded with: [symbol]. Nothing
  /// where the coder cannot say, as one that codes binary decisions.
  [[nodiscard]] virtual std::vector<std::vector<double>> distributions(std::span<const std::byte>,
                                                                       std::span<const std::byte>, const Pyramid&,
                                                                       const SymbolsOut&) const {
    return {};
  }
};

/// All coders, in the order in which auto tries them. A new coder: a new file, a line here, a line in coders.cpp.
[[nodiscard]] std::span<const SymbolCoder* const> symbol_coders();
[[nodiscard]] const SymbolCoder& static_coder();
[[nodiscard]] const SymbolCoder& context_coder();
[[nodiscard]] const SymbolCoder& constriction_coder();
[[nodiscard]] const SymbolCoder& mixing_coder();

/// The side information of `ans`: the coder's number, and behind it what is the coder's own.
[[nodiscard]] ByteBuffer side_info_of(const SymbolCoder& coder, std::span<const std::byte> own);

/// What side information of the constriction coder holds: the counts of each subband, none for one without symbols.
[[nodiscard]] std::vector<std::vector<std::uint32_t>> constriction_counts(std::span<const std::byte> side_info,
                                                                          std::span<const Subband> subbands);

/// By the name in a recipe, Error(bad_parameter) if there is none; by the number in a file, Error(corrupt_stream).
[[nodiscard]] const SymbolCoder& find_coder(std::string_view name);
[[nodiscard]] const SymbolCoder& find_coder(std::uint8_t wire_id);

}  // namespace vaerans
