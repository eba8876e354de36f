#include "store/shard/record.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/checksum.hpp"
#include "store/shard/source.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::store {
namespace {

constexpr std::array<char, 4> kMagic{'V', 'L', 'S', 'R'}, kEnd{'V', 'L', 'S', 'E'};
constexpr std::size_t kDescribedAt = 16, kSumAt = 20;

void put_u64(ByteWriter& out, std::uint64_t v) {
  out.u32(static_cast<std::uint32_t>(v));
  out.u32(static_cast<std::uint32_t>(v >> 32U));
}
void put_magic(ByteWriter& out, const std::array<char, 4>& magic) {
  for (const char c : magic) out.u8(static_cast<std::uint8_t>(c));
}
bool take_magic(ByteReader& in, const std::array<char, 4>& magic) {
  const auto raw = in.take(magic.size());
  return std::memcmp(raw.data(), magic.data(), magic.size()) == 0;
}
void pad(ByteWriter& out) {
  while (out.bytes().size() % kAlignment != 0) out.u8(0);
}

/// Over the frame without the sum itself, and the description with its padding.
std::uint32_t sum_of(std::span<const std::byte> record, std::uint64_t described) {
  return crc32_of(record.subspan(kFrameBytes, described), crc32_of(record.first(kSumAt)));
}

std::span<const std::uint8_t> part(std::span<const std::uint8_t> bytes, std::uint64_t offset, std::uint64_t size) {
  return bytes.subspan(static_cast<std::size_t>(offset), static_cast<std::size_t>(size));
}

}  // namespace

std::uint64_t get_u64(ByteReader& in) {
  const std::uint64_t low = in.u32();
  return low | std::uint64_t{in.u32()} << 32U;
}

ByteBuffer write_record(RecordKind kind, std::span<const std::byte> description,
                        std::span<const std::span<const std::byte>> payloads) {
  std::uint64_t bytes = kFrameBytes + padded(description.size());
  for (const auto payload : payloads) bytes += padded(payload.size());
  ByteWriter out;
  put_magic(out, kMagic);
  out.u8(static_cast<std::uint8_t>(kind));
  out.u8(kVersion);
  out.u8(0);
  out.u8(0);
  put_u64(out, bytes);
  out.u32(static_cast<std::uint32_t>(description.size()));
  out.u32(0);
  out.raw(description);
  pad(out);
  const std::uint32_t sum = sum_of(out.bytes(), padded(description.size()));
  for (const auto payload : payloads) {
    out.raw(payload);
    pad(out);
  }
  ByteBuffer record = out.take();
  for (std::size_t i = 0; i < 4; ++i) record[kSumAt + i] = static_cast<std::byte>(sum >> (8 * i) & 0xFFU);
  return record;
}

Record read_record(std::span<const std::uint8_t> shard, std::uint64_t offset) {
  if (offset > shard.size() || offset % kAlignment != 0)
    throw Error(ErrorCode::corrupt_stream, "shard: a record outside it");
  const auto bytes = std::as_bytes(shard.subspan(static_cast<std::size_t>(offset)));
  ByteReader in(bytes, "shard record");
  if (!take_magic(in, kMagic)) in.corrupt("no record begins here");
  const std::uint8_t kind = in.u8(), version = in.u8();
  const bool plain = in.u8() == 0 && in.u8() == 0;
  const std::uint64_t size = get_u64(in), described = in.u32();
  const std::uint32_t sum = in.u32();
  if (size > bytes.size() || size % kAlignment != 0 || size < kFrameBytes + padded(described))
    in.corrupt("a record that does not fit into the shard");
  if (sum != sum_of(bytes, padded(described))) in.corrupt("the record's description is damaged");
  if (version > kVersion)  // later ones keep the frame: a bit that has flipped is no version
    throw Error(ErrorCode::unsupported_version, "shard of format " + std::to_string(version) +
                                                    "; this program reads up to " + std::to_string(kVersion));
  if (version == 0 || kind < 1 || kind > 3 || !plain) in.corrupt("a kind that there is not");
  const std::uint64_t payload = offset + kFrameBytes + padded(described);
  return {static_cast<RecordKind>(kind), offset, size, part(shard, offset + kFrameBytes, described),
          part(shard, payload, offset + size - payload)};
}

std::uint64_t next_record(std::span<const std::uint8_t> shard, std::uint64_t from) {
  for (std::uint64_t at = padded(from); at + kFrameBytes <= shard.size(); at += kAlignment) {
    if (std::memcmp(shard.data() + at, kMagic.data(), kMagic.size()) == 0) return at;
  }
  return shard.size();
}

std::uint64_t described_bytes(std::span<const std::uint8_t> shard, std::uint64_t offset) {
  ByteReader in(std::as_bytes(shard.subspan(static_cast<std::size_t>(offset) + kDescribedAt)), "shard record");
  return in.u32();
}

ByteBuffer write_shard_header(const ShardHeader& h) {
  ByteWriter out;
  out.varint(h.sequence);
  out.text(h.model.name);
  out.text(h.model.hash);
  out.f64(h.model.scaling);
  out.f64(h.model.shift);
  out.text(h.model.user);
  return out.take();
}

ShardHeader read_shard_header(std::span<const std::uint8_t> description) {
  ByteReader in(std::as_bytes(description), "shard header");
  ShardHeader h;
  h.sequence = in.varint();
  h.model.name = in.text(kMaxText, "name");
  h.model.hash = in.text(kMaxText, "hash");
  h.model.scaling = in.f64();
  h.model.shift = in.f64();
  h.model.user = in.text(kMaxText, "user data");
  in.expect_end();
  return h;
}

ByteBuffer write_item(const std::string& key, const ItemFacts& f, std::span<const NamedBlob> blobs) {
  ByteWriter out;
  for (const std::string* text : {&key, &f.source_hash, &f.model_hash}) out.text(*text);
  for (const std::uint64_t n : {f.width, f.height, f.crop_left, f.crop_top, f.crop_width, f.crop_height}) out.varint(n);
  for (const std::string* text : {&f.flip_of, &f.bucket, &f.user}) out.text(*text);
  out.varint(blobs.size());
  for (const NamedBlob& b : blobs) {
    out.text(b.name);
    out.varint(b.blob.size());
  }
  return out.take();
}

StoreItem read_item(std::span<const std::uint8_t> description, std::uint64_t offset, std::uint64_t bytes) {
  ByteReader in(std::as_bytes(description), "shard item");
  StoreItem item;
  ItemFacts& f = item.facts;
  for (std::string* text : {&item.key, &f.source_hash, &f.model_hash}) *text = in.text(kMaxText, "text");
  for (std::uint64_t* n : {&f.width, &f.height, &f.crop_left, &f.crop_top, &f.crop_width, &f.crop_height})
    *n = in.varint();
  for (std::string* text : {&f.flip_of, &f.bucket, &f.user}) *text = in.text(kMaxText, "text");
  item.offset = offset;
  item.bytes = bytes;
  std::uint64_t at = offset + kFrameBytes + padded(description.size());
  const std::uint64_t n = in.count(kMaxArrays, "arrays");
  for (std::uint64_t i = 0; i < n; ++i) {
    ArrayPlace place{in.text(kMaxText, "name"), at, in.varint()};
    if (place.bytes > offset + bytes - std::min(at, offset + bytes)) in.corrupt("an array beyond its record");
    at += padded(place.bytes);
    item.arrays.push_back(std::move(place));
  }
  in.expect_end();
  if (at != offset + bytes) in.corrupt("arrays that do not fill their record");
  return item;
}

ByteBuffer write_index(std::span<const std::byte> header, std::span<const IndexEntry> entries, std::uint64_t offset) {
  ByteWriter list;
  list.varint(header.size());
  list.raw(header);
  list.varint(entries.size());
  for (const IndexEntry& e : entries) {
    list.varint(e.offset);
    list.varint(e.bytes);
    list.varint(e.description.size());
    list.raw(e.description);
  }
  ByteWriter description;
  put_u64(description, list.bytes().size());
  description.u32(crc32_of(list.bytes()));
  const std::span<const std::byte> payload(list.bytes());
  ByteWriter trailer;
  put_u64(trailer, offset);
  trailer.u32(crc32_of(trailer.bytes()));
  put_magic(trailer, kEnd);
  ByteWriter all;
  all.raw(write_record(RecordKind::index, description.bytes(), {&payload, 1}));
  all.raw(trailer.bytes());
  return all.take();
}

std::optional<std::uint64_t> index_offset(std::span<const std::uint8_t> trailer, std::uint64_t size) {
  if (trailer.size() != kTrailerBytes) return {};
  ByteReader in(std::as_bytes(trailer), "shard trailer");
  const std::uint64_t offset = get_u64(in);
  const bool sound = in.u32() == crc32_of(std::as_bytes(trailer.first(8))) && take_magic(in, kEnd);
  if (!sound || offset > size - kTrailerBytes) return {};
  return offset;
}

Index read_index(const ShardSource& shard) {
  const std::uint64_t size = shard.size();
  if (size < kTrailerBytes) throw Error(ErrorCode::corrupt_stream, "shard: it is cut short");
  const auto offset = index_offset(shard.read(size - kTrailerBytes, kTrailerBytes).bytes, size);
  if (!offset) throw Error(ErrorCode::corrupt_stream, "shard trailer: no index: the shard is damaged or cut short");
  Index out;
  out.offset = *offset;
  out.memory = shard.read(out.offset, size - out.offset);
  const Record record = read_record(out.memory.bytes, 0);
  ByteReader about(std::as_bytes(record.description), "shard index");
  const std::uint64_t bytes = get_u64(about);
  const std::uint32_t list_sum = about.u32();
  if (record.kind != RecordKind::index || bytes > record.payload.size() || out.offset % kAlignment != 0 ||
      record.bytes + kTrailerBytes != out.memory.bytes.size())
    about.corrupt("an index that does not end the shard");
  const auto list = std::as_bytes(record.payload).first(static_cast<std::size_t>(bytes));
  if (crc32_of(list) != list_sum) about.corrupt("the index is damaged");
  ByteReader in(list, "shard index");
  const auto take = [&in](std::uint64_t n) {
    const auto raw = in.take(n);
    return std::span(reinterpret_cast<const std::uint8_t*>(raw.data()), raw.size());
  };
  out.header = take(in.varint());
  const std::uint64_t n = in.varint();
  if (n > in.left()) in.corrupt("more items than bytes");
  out.entries.reserve(n);
  for (std::uint64_t i = 0; i < n; ++i) {
    const std::uint64_t offset = in.varint(), size = in.varint();
    if (offset > out.offset || size > out.offset - offset) in.corrupt("an item beyond the index");
    if (offset % kAlignment != 0) in.corrupt("an item that begins at no multiple of eight");
    out.entries.push_back({offset, size, take(in.varint())});
  }
  in.expect_end();
  return out;
}

}  // namespace vaerans::store
