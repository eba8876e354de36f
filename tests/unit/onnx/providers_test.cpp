// Lists of execution providers, and devices.
#include "onnx/providers.hpp"

#include "fixture.hpp"

namespace vaerans {
namespace {

using onnx::choose_providers;
using onnx::parse_providers;

TEST(Providers, NamesWithOptions) {
  const auto list = parse_providers(
      " CUDAExecutionProvider ( device_id = 1 , cudnn_conv_algo_search=HEURISTIC), CPUExecutionProvider ");
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].name, "CUDAExecutionProvider");
  using Options = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(list[0].options, (Options{{"device_id", "1"}, {"cudnn_conv_algo_search", "HEURISTIC"}}));
  EXPECT_EQ(list[1].name, "CPUExecutionProvider");
  EXPECT_TRUE(list[1].options.empty());
}

struct Bad {
  const char* name;
  const char* list;
  const char* says;
};
class BadLists : public ::testing::TestWithParam<Bad> {};

TEST_P(BadLists, SayWhatIsWrong) {
  EXPECT_ERROR(parse_providers(GetParam().list), ErrorCode::invalid_argument, GetParam().says);
  EXPECT_ERROR(parse_providers(GetParam().list), ErrorCode::invalid_argument, "Write it like");
}

INSTANTIATE_TEST_SUITE_P(All, BadLists,
                         ::testing::Values(Bad{"Nothing", "", "the name of an execution provider is missing"},
                                           Bad{"Comma", "CPUExecutionProvider,",
                                               "character 22: the name of an execution provider is missing"},
                                           Bad{"NoEnd", "A(x=1", "')' is missing"},
                                           Bad{"NoValue", "A(x=)", "a value is missing"},
                                           Bad{"NoEquals", "A(x)", "'=' is missing behind option x"},
                                           Bad{"NoOption", "A()", "the name of an option is missing"},
                                           Bad{"OptionTwice", "A(x=1,x=2)", "option x is given twice"},
                                           Bad{"Twice", "A,B,A(x=1)", "A stands twice"},
                                           Bad{"Behind", "A(x=1)B", "there is 'B' behind"},
                                           Bad{"Close", "A)", "there is ')' behind"}),
                         [](const auto& info) { return info.param.name; });

TEST(Providers, Devices) {
  EXPECT_TRUE(onnx::cpu_alone(choose_providers({"cpu", "", 0})));
  EXPECT_TRUE(onnx::cpu_alone(choose_providers({"CPUExecutionProvider", "", 0}))) << "a list as the device";
  EXPECT_TRUE(onnx::cpu_alone(choose_providers({"tpu", "CPUExecutionProvider", 0}))) << "a list overrides the device";
  for (const char* device : {"tpu", "", "cuda:", "cuda:x", "cuda:-1"}) {
    EXPECT_ERROR(choose_providers({device, "", 0}), ErrorCode::invalid_argument, "is not one of auto, cpu, cuda");
  }
  EXPECT_ERROR(choose_providers({"cpu", "NoSuchExecutionProvider", 0}), ErrorCode::runtime_not_found, "It has:");
}

TEST(Providers, CudaByNumber) {
  if (!onnx::has_provider("CUDAExecutionProvider")) {
    EXPECT_ERROR(choose_providers({"cuda:1", "", 0}), ErrorCode::runtime_not_found, "device 'cuda:1' needs CUDA");
    EXPECT_ERROR(choose_providers({"auto", "CUDAExecutionProvider(use_tf32=1)", 0}), ErrorCode::runtime_not_found,
                 "onnxruntime-gpu");
    return;
  }
  const auto list = choose_providers({"cuda:1", "", 0});
  ASSERT_EQ(list.size(), 2U);
  EXPECT_EQ(list[0].options.at(0), (std::pair<std::string, std::string>{"device_id", "1"}));
}

TEST(Providers, OptionsThatAProviderDoesNotHave) {
  (void)onnx::environment();  // opens the library
  EXPECT_ERROR(onnx::session_options({{"CPUExecutionProvider", {{"threads", "4"}}}}, 1), ErrorCode::invalid_argument,
               "CPUExecutionProvider has no options, so 'threads'");
}

}  // namespace
}  // namespace vaerans
