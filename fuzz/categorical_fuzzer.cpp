// Any bytes as probabilities and words of the coder that shares its streams with constriction. It must not read outside
// them, and what it accepts must be what the encoder writes.
#include <algorithm>
#include <cstring>
#include <vector>

#include "coding/constriction/categorical_ans.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace vaerans::kernels;
  if (size < 3) return 0;
  const std::size_t n_symbols = data[0] * std::size_t{4};
  const std::size_t alphabet = std::min<std::size_t>(data[1], (size - 2) / sizeof(double));
  std::vector<double> probabilities(alphabet);
  if (alphabet != 0) std::memcpy(probabilities.data(), data + 2, alphabet * sizeof(double));
  if (data[size - 1] % 2 == 0) {  // few bit patterns are probabilities, so half of the runs use small numbers
    for (std::size_t s = 0; s < alphabet; ++s) probabilities[s] = data[2 + s];
  }
  const std::size_t used = 2 + alphabet * sizeof(double);
  std::vector<std::uint32_t> words((size - used) / sizeof(std::uint32_t));
  if (!words.empty()) std::memcpy(words.data(), data + used, words.size() * sizeof(std::uint32_t));

  categorical::Table table;
  if (table.build(probabilities) != Status::ok) return 0;
  std::vector<std::uint8_t> symbols(n_symbols);
  categorical::Decoder decoder(words);
  if (decoder.get<std::uint8_t>(symbols, table) != Status::ok || decoder.finish() != Status::ok) return 0;

  std::vector<std::uint32_t> again(categorical::max_words(n_symbols));
  categorical::Encoder encoder(again);
  if (encoder.put<std::uint8_t>(symbols, table) != Status::ok) __builtin_trap();
  const auto coded = encoder.finish();
  again.resize(coded.words);
  if (coded.status != Status::ok || again != words) __builtin_trap();
  return 0;
}
