// Finding the ONNX Runtime library, and what is said when there is none.
#include "onnx/library.hpp"

#include "fixture.hpp"
#include "vaerans/models.hpp"

namespace vaerans {
namespace {

using onnx::Candidate;
using test::TempFolder;
using test::Variable;

TEST(OnnxLibrary, NothingThere) {
  const std::vector<Candidate> none;
  EXPECT_ERROR(onnx::open_library(none), ErrorCode::runtime_not_found, "pip install onnxruntime");
  const std::vector<Candidate> missing{{"/nowhere/libonnxruntime.so", "the system"}};
  EXPECT_ERROR(onnx::open_library(missing), ErrorCode::runtime_not_found, "/nowhere/libonnxruntime.so (the system)");
}

TEST(OnnxLibrary, OneThatWasAskedForIsNotReplaced) {
  const RuntimeInfo good = runtime_info();
  const std::vector<Candidate> list{{"/nowhere/lib.so", "VAERANS_ORT_LIBRARY", true}, {good.library, "the system"}};
  EXPECT_ERROR(onnx::open_library(list), ErrorCode::runtime_not_found, "named by VAERANS_ORT_LIBRARY cannot be used");
}

TEST(OnnxLibrary, OthersAreSkipped) {
  const TempFolder folder;
  test::write_text(folder.path() / "libonnxruntime.so", "not a library");
  const RuntimeInfo good = runtime_info();
  const std::vector<Candidate> list{{folder.path().string(), "this build"},
                                    {"libcrypto.so.3", "the system"},  // a library, but not this one
                                    {good.library, "the system"}};
  EXPECT_EQ(onnx::open_library(list).version, good.version);
}

TEST(OnnxLibrary, FolderOfTheLibraryWillDo) {
  const RuntimeInfo good = runtime_info();
  const std::vector<Candidate> list{{test::fs::path(good.library).parent_path().string(), "VAERANS_ORT_LIBRARY", true}};
  EXPECT_EQ(onnx::open_library(list).path, good.library);
}

TEST(OnnxLibrary, Order) {
  const Variable variable("VAERANS_ORT_LIBRARY", "/from/variable.so");
  add_runtime_candidate("/from/package.so");
  add_runtime_candidate("/from/package.so");
  const auto list = onnx::runtime_candidates();
  ASSERT_GE(list.size(), 4U);
  EXPECT_EQ(list[0].path, "/from/variable.so");
  EXPECT_TRUE(list[0].required);
  EXPECT_EQ(list[1].path, "/from/package.so");
  EXPECT_FALSE(list[1].required);
  EXPECT_NE(list[2].path, "/from/package.so") << "added twice, listed once";
  EXPECT_EQ(list.back().origin, "the system");
}

TEST(OnnxLibrary, PackagesInAnActiveEnvironmentAreSeen) {
  const TempFolder root;
  const auto capi = root.path() / "lib" / "python3.12" / "site-packages" / "onnxruntime" / "capi";
  test::fs::create_directories(capi);
  test::write_text(capi / "libonnxruntime.so.1.99.0", "");
  test::write_text(capi / "libonnxruntime_providers_shared.so", "");
  const Variable variable("VIRTUAL_ENV", root.path().c_str());
  bool seen = false;
  for (const Candidate& candidate : onnx::runtime_candidates()) {
    seen = seen || candidate.path == (capi / "libonnxruntime.so.1.99.0").string();
  }
  EXPECT_TRUE(seen);
}

TEST(OnnxLibrary, Info) {
  const RuntimeInfo info = runtime_info();
  EXPECT_TRUE(info.version.starts_with("1.")) << info.version;
  EXPECT_TRUE(test::fs::exists(info.library)) << info.library;
  EXPECT_NE(std::find(info.providers.begin(), info.providers.end(), "CPUExecutionProvider"), info.providers.end());
}

}  // namespace
}  // namespace vaerans
