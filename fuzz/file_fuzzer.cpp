// Any bytes as a whole .vrs file without magic and version, which the target adds, with valid checksums; each door that
// takes files gets it. Only typed errors may come out, and what two doors decode must be the same.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "format/layout.hpp"
#include "reseal.hpp"
#include "support/chunk_mutator.hpp"
#include "support/tiny_model.hpp"
#include "vaerans/preview.hpp"
#include "vaerans/rows.hpp"

namespace {

using namespace vaerans;

constexpr std::size_t kFront = layout::magic.size() + 1;

Bytes with_front(const std::uint8_t* data, std::size_t size) {
  Bytes file;
  for (const std::byte b : layout::magic) file.push_back(std::to_integer<std::uint8_t>(b));
  file.push_back(layout::version);
  file.insert(file.end(), data, data + size);
  return file;
}

// Small enough for hundreds of runs a second.
Context strict() {
  Context context;
  context.threads = 1;
  context.limits.max_pixels = 1 << 13;
  context.limits.max_side = 1 << 11;
  context.limits.max_channels = 16;
  context.limits.max_memory = 64 << 20;
  return context;
}

template <typename Work>
bool attempt(Work work) {
  try {
    work();
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::have_tiny_model();
  Bytes file = with_front(data, size);
  test::reseal(file);
  const Context context = strict();
  Image whole, rows;
  const bool decoded = attempt([&] { whole = decompress(file, context); });
  const auto source = memory_source(file);
  attempt([&] { (void)decompress_part(*source, {.region = Region{0, 0, 1, 1}}, context); });
  attempt([&] { (void)decompress_part(*source, {.allow_partial = true}, context); });
  attempt([&] { (void)preview_of(file, context); });
  attempt([&] { (void)file_metadata(file, context.limits); });
  const bool streamed = attempt([&] {
    RowReader reader(*source, context);
    rows = reader.read(reader.rows_left());
  });
  if (decoded && streamed && rows.rgb != whole.rgb) std::abort();
  return 0;
}

#ifdef VAERANS_LIBFUZZER
extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t max_size);

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t max_size,
                                               unsigned seed) {
  if (seed % 4 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const Bytes changed = fuzz::change_chunks(with_front(data, size), max_size + kFront, seed, &LLVMFuzzerMutate);
  if (changed.size() <= kFront) return LLVMFuzzerMutate(data, size, max_size);
  std::copy(changed.begin() + kFront, changed.end(), data);
  return changed.size() - kFront;
}
#endif
