// Files from before format 1.0: tests/golden/draft has those that were golden then.
#include "format/draft.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "expect_error.hpp"
#include "vaerans/api.hpp"

namespace vaerans {
namespace {

const char* const kNames[] = {"bands.vrs",      "bits12.vrs", "digest.vrs", "haar-u8.vrs", "hadamard-cdf53-step.vrs",
                              "one-sample.vrs", "pixels.vrs"};

Bytes golden(const std::string& name) {
  std::ifstream in(VAERANS_TEST_DATA "/golden/" + name, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
Bytes draft(const std::string& name) { return golden("draft/" + name); }

TEST(Draft, HoldsTheSameStreamsAsTheFileOfToday) {
  for (const std::string name : kNames) {
    const Bytes old_file = draft(name), new_file = golden(name);
    const auto as_bytes = std::as_bytes(std::span(old_file));
    ASSERT_TRUE(is_draft(as_bytes)) << name;
    EXPECT_EQ(write_container(parse_container(as_bytes, {})), new_file) << name;
    EXPECT_EQ(strip_file(old_file, std::vector<std::string>{"digest"}), new_file) << name;
    // A picture takes a byte less than before; a small latent may take one more, and a digest has a chunk of its own.
    const bool latent = file_info(new_file).source_key == "Latent4";
    EXPECT_LE(new_file.size() + 1, old_file.size() + (latent ? 2 : name == "digest.vrs" ? 6 : 0)) << name;
  }
}

TEST(Draft, InfoTellsIt) {
  const FileInfo info = file_info(draft("digest.vrs"));
  EXPECT_EQ(info.version, 0U);
  ASSERT_EQ(info.chunks.size(), 1U);
  EXPECT_EQ(info.chunks[0].bytes, info.file_bytes);
  EXPECT_EQ(info.base_hash, file_info(golden("digest.vrs")).base_hash);
}

TEST(Draft, DamageIsToldFromLaterVersions) {
  Bytes file = draft("one-sample.vrs");
  file[8] ^= 1;
  EXPECT_ERROR(corrupt_stream, "before format 1.0: the checksum", verify_file(file));
  file[4] = 2;
  EXPECT_ERROR(unsupported_version, "before format 1.0", verify_file(file));
}

}  // namespace
}  // namespace vaerans
