// Any bytes as a shard. Checksums of records, index and trailer are made right first, so that what lies behind them is
// reached; the shard is then opened like one that lies elsewhere, checked, and its items are read.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "base/checksum.hpp"
#include "store/shard/record.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/store/store.hpp"

namespace {

using Bytes = std::vector<std::uint8_t>;

std::uint64_t number_at(const Bytes& b, std::size_t at, std::size_t bytes) {
  std::uint64_t v = 0;
  for (std::size_t i = 0; i < bytes; ++i) v |= std::uint64_t{b[at + i]} << (8 * i);
  return v;
}
void put_sum(Bytes& b, std::size_t at, std::uint32_t sum) {
  for (std::size_t i = 0; i < 4; ++i) b[at + i] = static_cast<std::uint8_t>(sum >> (8 * i));
}
std::uint32_t sum_of(std::span<const std::uint8_t> bytes) { return vaerans::crc32_of(std::as_bytes(bytes)); }

/// The record at `at`: the list's sum if it is an index, then its own.
void mend_record(Bytes& b, std::size_t at) {
  using namespace vaerans::store;
  const std::uint64_t described = number_at(b, at + 16, 4);
  if (described > b.size() - at - kFrameBytes || padded(described) > b.size() - at - kFrameBytes) return;
  const std::size_t payload = at + kFrameBytes + padded(described);
  if (b[at + 4] == static_cast<std::uint8_t>(RecordKind::index) && described == 12) {
    const std::uint64_t listed = number_at(b, at + kFrameBytes, 8);
    if (listed <= b.size() - payload)
      put_sum(b, at + kFrameBytes + 8, sum_of(std::span(b).subspan(payload, static_cast<std::size_t>(listed))));
  }
  Bytes covered(b.begin() + static_cast<std::ptrdiff_t>(at), b.begin() + static_cast<std::ptrdiff_t>(at) + 20);
  covered.insert(covered.end(), b.begin() + static_cast<std::ptrdiff_t>(at + kFrameBytes),
                 b.begin() + static_cast<std::ptrdiff_t>(payload));
  put_sum(b, at + 20, sum_of(covered));
}

void mend(Bytes& b) {
  using namespace vaerans::store;
  for (std::size_t at = 0; at + kFrameBytes <= b.size(); at += kAlignment) {
    if (std::memcmp(b.data() + at, "VLSR", 4) == 0) mend_record(b, at);
  }
  if (b.size() < kTrailerBytes) return;
  const std::size_t trailer = b.size() - kTrailerBytes;
  put_sum(b, trailer + 8, sum_of(std::span(b).subspan(trailer, 8)));
}

void read_items(const vaerans::LatentStore& store) {
  for (const std::string& key : store.keys()) {
    for (const vaerans::ArrayPlace& array : store.item(key).arrays) {
      try {
        const vaerans::BlobInfo info = store.info(key, array.name);
        if (info.count() > 1U << 16U) continue;
        std::vector<float> out(info.count());
        store.read(key, array.name, vaerans::NumberType::f32, std::as_writable_bytes(std::span(out)));
      } catch (const vaerans::Error&) {
      }
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaerans;
  Bytes shard(data, data + size);
  mend(shard);
  const FetchRanges fetch = [&](std::span<const FileRange> ranges) {
    std::vector<Bytes> out;
    for (const FileRange& r : ranges) {
      const std::size_t begin = std::min<std::size_t>(r.offset, shard.size());
      const std::size_t end = begin + std::min<std::size_t>(r.bytes, shard.size() - begin);
      out.emplace_back(shard.begin() + static_cast<std::ptrdiff_t>(begin),
                       shard.begin() + static_cast<std::ptrdiff_t>(end));
    }
    return out;
  };
  const RemoteFile file{"shard", shard.size()};
  try {
    const LatentStore store({&file, 1}, fetch);
    read_items(store);
    (void)store.verify(1);
  } catch (const Error&) {
  }
  return 0;
}
