#include "store/blob/header.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <string>

#include "base/checksum.hpp"
#include "kernels/rans/rans.hpp"

namespace vaerans::blob {
namespace {

constexpr std::array<char, 3> kMagic{'V', 'L', 'B'};
constexpr std::uint8_t kHaar = 1, kScales = 2, kWide = 4, kTrellis = 8, kRotation = 16;
constexpr std::size_t kSumBytes = 4, kLeast = 16;
constexpr unsigned kMaxLog2Lanes = 6;
constexpr std::size_t kMaxTables = 256;
// Bytes that decoding takes at most: for each number symbol, integer, rotated one, result, and its part of the words
// where those are not aligned; for each exception itself and its place; for each section its byte and its segment.
constexpr std::uint64_t kNumberBytes = 12, kExceptionBytes = 24, kSectionBytes = 32;

constexpr std::int64_t kFar = std::int64_t{1} << 40U;
bool is_near(std::int64_t integer) { return integer < kFar && integer > -kFar; }

// 2^(i / 8), rounded to floats.
// NOLINTBEGIN(modernize-use-std-numbers): one row of the format's document
constexpr std::array<float, 8> kEighths{1.0F,        1.09050773F, 1.18920712F, 1.29683955F,
                                        1.41421356F, 1.54221083F, 1.68179283F, 1.83400809F};
// NOLINTEND(modernize-use-std-numbers)

void write_channels(ByteWriter& out, const Header& h) {
  for (const std::uint8_t scale : h.scales) out.u8(scale);
  for (std::size_t c = 0; c < h.centers.size(); ++c) {
    const bool constant = !h.scales.empty() && h.scales[c] == kConstant;
    if (constant) out.u32(static_cast<std::uint32_t>(h.centers[c]));
    if (!constant) out.svarint(h.centers[c]);
  }
}

void write_exceptions(ByteWriter& out, std::span<const Exception> exceptions) {
  out.varint(exceptions.size());
  std::uint64_t next = 0;
  for (const Exception& e : exceptions) {
    out.varint(e.position - next);
    out.svarint(e.beyond);
    next = e.position + 1;
  }
}

void write_quantized(ByteWriter& out, const Header& h) {
  out.u8(static_cast<std::uint8_t>((h.geometry.haar ? kHaar : 0) | (h.scales.empty() ? 0 : kScales) |
                                   (h.wide ? kWide : 0) | (h.trellis ? kTrellis : 0) |
                                   (h.rotation.empty() ? 0 : kRotation)));
  out.f32(h.base);
  write_channels(out, h);
  out.raw(std::as_bytes(std::span(h.rotation)));
}

void write_tables(ByteWriter& out, std::span<const SymbolTable> tables) {
  out.varint(tables.size());
  for (const SymbolTable& t : tables) {
    out.u8(static_cast<std::uint8_t>(t.precision_bits));
    out.varint(t.first);
    out.varint(t.freq.size());
    for (const std::uint32_t f : t.freq) out.varint(f);
  }
}

void read_channels(ByteReader& in, Header& h, bool scales) {
  const std::uint64_t n = h.geometry.channels;
  if (scales) {
    const auto raw = in.take(n);
    h.scales.resize(n);
    for (std::size_t c = 0; c < n; ++c) h.scales[c] = std::to_integer<std::uint8_t>(raw[c]);
  }
  if (n > in.left()) in.corrupt("the data end too early");
  h.centers.resize(n);
  for (std::size_t c = 0; c < n; ++c) {
    const bool constant = scales && h.scales[c] == kConstant;
    h.centers[c] = constant ? std::int64_t{in.u32()} : in.svarint();
    if (constant && !std::isfinite(std::bit_cast<float>(static_cast<std::uint32_t>(h.centers[c]))))
      in.corrupt("a constant channel that is no number");
    if (!constant && !is_near(h.centers[c])) in.corrupt("a center beyond 2^40 steps");
  }
}

void read_rotation(ByteReader& in, Header& h) {
  if (!can_rotate(h.geometry)) in.corrupt("a rotation of channels that cannot be rotated");
  const auto raw = in.take(h.geometry.channels * h.geometry.channels);
  h.rotation.resize(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) h.rotation[i] = std::to_integer<std::int8_t>(raw[i]);
}

void check_memory(std::uint64_t bytes, std::uint64_t count, const Limits& limits) {
  if (bytes <= limits.max_memory) return;
  throw Error(ErrorCode::limit_exceeded, "blob: " + std::to_string(count) + " numbers take more than max_memory (" +
                                             std::to_string(limits.max_memory) + " bytes) to decode");
}

void read_exceptions(ByteReader& in, Header& h, const Limits& limits) {
  const std::uint64_t n = in.varint(), count = h.geometry.count;
  if (n > in.left() / 2) in.corrupt("more exceptions than bytes");
  check_memory(count * kNumberBytes + h.geometry.sections() * kSectionBytes + n * kExceptionBytes, count, limits);
  h.exceptions.resize(n);
  std::uint64_t next = 0;
  for (Exception& e : h.exceptions) {
    const std::uint64_t gap = in.varint();
    if (gap >= h.geometry.count || next + gap >= h.geometry.count) in.corrupt("an exception outside the array");
    e = {next + gap, in.svarint()};
    if (e.beyond == 0 || !is_near(e.beyond)) in.corrupt("an exception of no or too large a distance");
    next = e.position + 1;
  }
}

void read_sections(ByteReader& in, Header& h, std::size_t below, const Limits& limits) {
  h.geometry.rows_per_section = in.varint();
  if (h.geometry.rows_per_section == 0 || h.geometry.rows_per_section > h.geometry.rows)
    in.corrupt("sections of no rows, or of more than there are");
  h.log2_lanes = in.u8();
  if (h.log2_lanes > kMaxLog2Lanes) in.corrupt("more than 64 lanes");
  const std::uint64_t count = h.geometry.count, sections = h.geometry.sections();
  const auto raw = in.take(sections);
  check_memory(count * kNumberBytes + sections * kSectionBytes, count, limits);
  h.sections.resize(raw.size());
  for (std::size_t i = 0; i < raw.size(); ++i) {
    h.sections[i] = std::to_integer<std::uint8_t>(raw[i]);
    if (h.sections[i] >= below) in.corrupt("a section whose table there is not");
  }
}

void read_quantized(ByteReader& in, Header& h, const Limits& limits) {
  const std::uint8_t flags = in.u8();
  if (flags > (kHaar | kScales | kWide | kTrellis | kRotation))
    throw Error(ErrorCode::unsupported_version, "blob: a flag that this version does not know; a newer one wrote it");
  if ((flags & kHaar) != 0 && !has_planes(h.shape, h.channel_axis)) in.corrupt("bands of an array without planes");
  h.geometry = geometry_of(h.shape, h.channel_axis, (flags & kHaar) != 0);
  h.wide = (flags & kWide) != 0;
  h.trellis = (flags & kTrellis) != 0;
  h.base = in.f32();
  if (!(h.base >= kLeastBase && h.base <= kMostBase)) in.corrupt("a step that no encoder writes");
  read_channels(in, h, (flags & kScales) != 0);
  if ((flags & kRotation) != 0) read_rotation(in, h);
  read_sections(in, h, std::size_t{kSpreadClasses} * kShapes, limits);
  read_exceptions(in, h, limits);
}

SymbolTable read_table(ByteReader& in) {
  SymbolTable t;
  t.precision_bits = in.u8();
  const std::uint64_t first = in.varint(), size = in.varint();
  if (first > 255 || size == 0 || size > 256 - first) in.corrupt("a table of symbols beyond a byte");
  t.first = static_cast<std::uint32_t>(first);
  t.freq.resize(size);
  for (std::uint32_t& f : t.freq) f = static_cast<std::uint32_t>(std::min<std::uint64_t>(in.varint(), 1U << 17U));
  if (kernels::check_table({t.freq, t.precision_bits}) != kernels::Status::ok)
    in.corrupt("a table whose frequencies do not sum up");
  return t;
}

void read_exact(ByteReader& in, Header& h, const Limits& limits) {
  if (h.type == NumberType::f32) in.corrupt("f32 numbers kept exactly");
  h.geometry = geometry_of(h.shape, h.channel_axis, false);
  const std::uint64_t n = in.varint();
  if (n == 0 || n > kMaxTables) in.corrupt("no tables, or more than 256");
  for (std::uint64_t i = 0; i < n; ++i) h.tables.push_back(read_table(in));
  read_sections(in, h, h.tables.size(), limits);
}

/// Everything before the checksum, which begins like a blob that can be read.
std::span<const std::byte> body_of(std::span<const std::byte> bytes) {
  ByteReader in(bytes, "blob");
  for (const char c : kMagic) {
    if (in.u8() != static_cast<std::uint8_t>(c))
      throw Error(ErrorCode::corrupt_stream, "not a blob: it does not begin with VLB");
  }
  const std::uint8_t version = in.u8();
  if (version > kVersion)
    throw Error(ErrorCode::unsupported_version,
                "blob of format " + std::to_string(version) + "; this program reads up to " + std::to_string(kVersion));
  if (version == 0) in.corrupt("version 0");
  if (bytes.size() < kLeast) in.corrupt("the data end too early");
  return bytes.first(bytes.size() - kSumBytes);
}

std::uint8_t read_choice(ByteReader& in, std::uint8_t below, const char* what) {
  const std::uint8_t v = in.u8();
  if (v >= below) in.corrupt(std::string("unknown ") + what + " " + std::to_string(v));
  return v;
}

void read_common(ByteReader& in, Header& h, const Limits& limits) {
  h.exact = read_choice(in, 2, "kind") == 1;
  h.type = static_cast<NumberType>(read_choice(in, 3, "type of numbers"));
  const std::uint8_t axes = in.u8();
  h.channel_axis = in.u8();
  if (axes == 0 || axes > kMaxAxes || h.channel_axis >= axes) in.corrupt("axes that no array has");
  std::uint64_t count = 1;
  for (std::uint8_t a = 0; a < axes; ++a) {
    h.shape.push_back(in.varint());
    if (h.shape.back() == 0 || h.shape.back() > kMaxCount / count) in.corrupt("a shape of no or too many numbers");
    count *= h.shape.back();
  }
  if (h.shape[h.channel_axis] > kMaxChannels) in.corrupt("too many channels");
  check_count(count, limits);
  h.target.kind = static_cast<Target::Kind>(read_choice(in, 5, "target"));
  h.target.value = in.f32();
  h.rmse = in.f32();
  h.largest_error = in.f32();
}

void skip_padding(ByteReader& in) {
  while (in.at() % 4 != 0) {
    if (in.u8() != 0) in.corrupt("padding that is not zero");
  }
}

}  // namespace

void check_count(std::uint64_t count, const Limits& limits) { check_memory(count * kNumberBytes, count, limits); }

float step_of(float base, std::uint8_t scale) noexcept {
  if (scale == kConstant) return 0;
  const float mantissa = base * kEighths[scale % 8];
  return std::ldexp(mantissa, scale / 8 - kUnitScale / 8);
}

bool can_rotate(const Geometry& g) noexcept { return !g.columns && g.channels >= 2 && g.channels <= kMaxRotated; }

Steps steps_of(const Header& h) {
  const std::size_t n = h.centers.size();
  Steps out{RecycledVector<float>(n), RecycledVector<float>(n)};
  for (std::size_t c = 0; c < n; ++c) {
    const std::uint8_t scale = h.scales.empty() ? kUnitScale : h.scales[c];
    out.step[c] = step_of(h.base, scale);
    out.center[c] = scale == kConstant
                        ? std::bit_cast<float>(static_cast<std::uint32_t>(h.centers[c]))
                        : static_cast<float>(static_cast<double>(h.centers[c]) * static_cast<double>(out.step[c]));
  }
  return out;
}

void write_header(ByteWriter& out, const Header& h, std::span<const std::byte> raw) {
  for (const char c : kMagic) out.u8(static_cast<std::uint8_t>(c));
  out.u8(kVersion);
  out.u8(h.exact ? 1 : 0);
  out.u8(static_cast<std::uint8_t>(h.type));
  out.u8(static_cast<std::uint8_t>(h.shape.size()));
  out.u8(static_cast<std::uint8_t>(h.channel_axis));
  for (const std::uint64_t n : h.shape) out.varint(n);
  out.u8(static_cast<std::uint8_t>(h.target.kind));
  out.f32(static_cast<float>(h.target.value));
  out.f32(h.rmse);
  out.f32(h.largest_error);
  if (h.exact) write_tables(out, h.tables);
  if (!h.exact) write_quantized(out, h);
  out.varint(h.geometry.rows_per_section);
  out.u8(static_cast<std::uint8_t>(h.log2_lanes));
  out.raw(std::as_bytes(std::span(h.sections)));
  if (!h.exact) write_exceptions(out, h.exceptions);
  out.raw(raw);
  while (out.bytes().size() % 4 != 0) out.u8(0);
}

std::vector<std::uint8_t> assemble(const Header& header, std::span<const std::byte> raw,
                                   std::span<const std::uint32_t> words) {
  ByteWriter out;
  write_header(out, header, raw);
  out.raw(std::as_bytes(words));
  out.u32(crc32_of(out.bytes()));
  const auto* const first = reinterpret_cast<const std::uint8_t*>(out.bytes().data());
  return {first, first + out.bytes().size()};
}

bool is_whole(std::span<const std::uint8_t> blob) {
  const auto bytes = std::as_bytes(blob);
  const auto body = body_of(bytes);
  ByteReader sum(bytes.last(kSumBytes), "blob");
  return crc32_of(body) == sum.u32();
}

void check_sum(std::span<const std::uint8_t> blob) {
  if (!is_whole(blob))
    throw Error(ErrorCode::corrupt_stream, "blob: the checksum does not match: it is damaged or cut short");
}

Parts read_blob(std::span<const std::uint8_t> blob, const Limits& limits) {
  ByteReader in(body_of(std::as_bytes(blob)), "blob");
  (void)in.take(kMagic.size() + 1);
  Parts out;
  read_common(in, out.header, limits);
  if (out.header.exact) read_exact(in, out.header, limits);
  if (!out.header.exact) read_quantized(in, out.header, limits);
  out.raw = in.take(out.header.exact ? out.header.geometry.count : 0);
  skip_padding(in);
  out.words = in.take(in.left());
  return out;
}

}  // namespace vaerans::blob
