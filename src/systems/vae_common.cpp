#include "systems/vae_common.hpp"

#include <algorithm>
#include <bit>

#include "vaerans/core/error.hpp"

namespace vaerans::vae {
namespace {

unsigned hex_digit(char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); }

}  // namespace

std::shared_ptr<const onnx::Model> ModelHandle::open() const {
  const std::scoped_lock lock(mutex_);
  if (!model_) model_ = onnx::open_model(text_);
  return model_;
}

std::string ModelHandle::name() const {
  if (!onnx::means_folder(text_)) return text_;
  try {
    return open()->info.name;
  } catch (const Error&) {
    return text_;  // printing a recipe must not fail; running it will say what is wrong
  }
}

Record Record::of(const ModelInfo& info) {
  return {info.hash.substr(0, 2 * hash_bytes), info.factor, info.latent_channels};
}

std::array<std::byte, Record::bytes> Record::serialise() const {
  std::array<std::byte, bytes> out{};
  for (std::size_t i = 0; i < hash_bytes; ++i) {
    out[i] = static_cast<std::byte>(hex_digit(hash[2 * i]) << 4 | hex_digit(hash[2 * i + 1]));
  }
  out[hash_bytes] = static_cast<std::byte>(factor);
  out[hash_bytes + 1] = static_cast<std::byte>(channels & 0xFF);
  out[hash_bytes + 2] = static_cast<std::byte>(channels >> 8);
  return out;
}

Record Record::parse(std::span<const std::byte> in, const Limits& limits) {
  static constexpr char digits[] = "0123456789abcdef";
  if (in.size() != bytes) {
    throw Error(ErrorCode::corrupt_stream,
                "the vae record has " + std::to_string(in.size()) + " bytes instead of " + std::to_string(bytes));
  }
  Record record;
  for (const std::byte byte : in.first(hash_bytes)) {
    record.hash += digits[std::to_integer<unsigned>(byte) >> 4];
    record.hash += digits[std::to_integer<unsigned>(byte) & 15U];
  }
  record.factor = std::to_integer<std::uint32_t>(in[hash_bytes]);
  record.channels =
      std::to_integer<std::uint32_t>(in[hash_bytes + 1]) | std::to_integer<std::uint32_t>(in[hash_bytes + 2]) << 8;
  if (record.factor == 0 || record.factor > 64 || record.channels == 0) {
    throw Error(ErrorCode::corrupt_stream, "the vae record says factor " + std::to_string(record.factor) + " and " +
                                               std::to_string(record.channels) + " channels");
  }
  if (record.channels > limits.max_channels) {
    throw Error(ErrorCode::limit_exceeded, "a latent of " + std::to_string(record.channels) +
                                               " channels is over the limit of " + std::to_string(limits.max_channels));
  }
  return record;
}

void Timing::write(TraceRecord& trace, std::uint64_t batch) const {
  trace.values.emplace_back("load_seconds", load_);
  trace.values.emplace_back("session_seconds", session_);
  trace.values.emplace_back("pixel_seconds", pixels_);
  trace.values.emplace_back("session_runs", static_cast<double>(runs_));
  trace.values.emplace_back("batch", static_cast<double>(batch));
}

onnx::Execution execution(const Context& context, const std::string& providers) {
  return {context.device, providers, context.threads};
}

std::uint64_t batch_size(const Group& group, const ModelHalf& half, std::uint64_t bytes_each) {
  if (half.single()) return 1;
  const std::uint64_t fits = group.arena().capacity() / 4 / bytes_each;
  const std::uint64_t allowed = std::max<std::uint64_t>(1, group.context().limits.max_batch);
  return std::clamp<std::uint64_t>(std::min(fits, allowed), 1, group.size());
}

bool any_non_finite(std::span<const float> values) noexcept {
  // All ones in the exponent: the test on integers is one that compilers vectorise.
  constexpr std::uint32_t exponent = 0x7F800000U;
  std::uint32_t bad = 0;
  for (const float value : values)
    bad |= static_cast<std::uint32_t>((std::bit_cast<std::uint32_t>(value) & exponent) == exponent);
  return bad != 0;
}

}  // namespace vaerans::vae
