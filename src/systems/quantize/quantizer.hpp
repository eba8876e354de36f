// What all quantisers share: the walk over entities and subbands, side information, and the rows that Dequantize reads.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "base/memory.hpp"
#include "coding/coder.hpp"
#include "kernels/quantize/quantize.hpp"
#include "systems/system_base.hpp"
#include "vaerans/systems/quantize.hpp"

namespace vaerans {

/// value = bias + scale · (symbol + offset), for one subband.
struct QuantRow {
  float scale = 1, bias = 0;
  std::int32_t offset = 0;
};

using QuantRows = RecycledVector<QuantRow>;

/// What a quantiser decided for one entity.
struct Quantized {
  QuantRows rows;  ///< one for each subband
  ByteBuffer side_info;
  RecycledVector<kernels::Range> ranges;  ///< ranges of the subbands, where they matter
  DType dtype = DType::u8;                ///< the narrowest that holds its symbols
  TensorRef symbols;                      ///< where they go
};

/// Throws Error(non_finite), which names the subband.
[[nodiscard]] kernels::Range finite_range(std::span<const float> x, const Subband& subband);

class Quantizer : public DescribedSystem {
 public:
  explicit Quantizer(const Identity& identity);
  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena& arena,
                              const Limits& limits) const override;
  void run(Group& group) const override;

  /// Reads side information into `out`; throws Error(corrupt_stream).
  virtual void read_rows(std::span<const std::byte> side_info, std::size_t subbands, QuantRows& out) const = 0;
  [[nodiscard]] virtual DType symbol_type(std::span<const std::byte> side_info) const = 0;

 private:
  /// First pass over entity i: ranges and the side information. `indices` (one for each element) is kept for write().
  /// Sets everything in `out`, whose memory is reused.
  virtual void plan(Group& group, std::size_t i, const Pyramid& pyramid, std::span<std::int32_t> indices,
                    Quantized& out) const = 0;
  /// Whether plan() looks at Pyramid::prior.
  [[nodiscard]] virtual bool uses_prior() const { return false; }
  /// Bytes of Pyramid::work that plan() needs.
  [[nodiscard]] virtual std::size_t work_bytes(std::span<const Subband>) const { return 0; }
  /// Second pass: the symbols, in whatever type the group needs.
  virtual void write(Group& group, std::size_t i, std::span<const Subband> subbands, const Quantized& q,
                     std::span<const std::int32_t> indices, const TensorRef& out) const = 0;
};

[[nodiscard]] const Descriptor<>& dequantize_descriptor();
[[nodiscard]] const Descriptor<QuantizeBandsOptions>& quantize_bands_descriptor();
[[nodiscard]] const Descriptor<>& dequantize_bands_descriptor();

}  // namespace vaerans
