// The rules of contracts, on contracts made up for it.
#include "core/chain/contract.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "expect_error.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans {
namespace {

// Reads planes, or bands, where the pipe stands, and a picture under a key of its own.
const Contract kMix = {.name = "mix",
                       .role = Role::filter,
                       .inputs = {{Kind::planes, ""}, {Kind::image, "RGB"}},
                       .outputs = {{Kind::bands, ""}, {Kind::parameters, "Weights"}},
                       .also_accepts = {Kind::bands}};
const Contract kUndo = {.name = "undo",
                        .role = Role::inverse,
                        .inputs = {{Kind::bands, ""}},
                        .outputs = {{Kind::planes, ""}},
                        .inverse_of = "cdf53|haar"};

const LastStep kHaar{"haar", "Mine", Kind::difference};

TEST(Contract, PortsReadTheirOwnKeyOrWhereThePipeStands) {
  EXPECT_EQ(input_key(kMix, 0, "YUVW4"), "YUVW4");
  EXPECT_EQ(input_key(kMix, 1, "YUVW4"), "RGB");
}

TEST(Contract, OnlyTheMainInputTakesFurtherKinds) {
  EXPECT_EQ(kind_problem(kMix, 0, "A", Kind::planes), std::nullopt);
  EXPECT_EQ(kind_problem(kMix, 0, "A", Kind::bands), std::nullopt);
  EXPECT_EQ(kind_problem(kMix, 0, "A", Kind::symbols), "needs planes, but the pipe stands on 'A', which is symbols");
  EXPECT_EQ(kind_problem(kMix, 1, "RGB", Kind::bands), "needs image, but 'RGB' is bands");
}

TEST(Contract, AnInverseUndoesWhatItNames) {
  EXPECT_EQ(undo_problem(kMix, std::nullopt), std::nullopt);
  EXPECT_EQ(undo_problem(kUndo, kHaar), std::nullopt);
  EXPECT_EQ(undo_problem(kUndo, LastStep{"klt", "A", Kind::planes}),
            "undoes cdf53|haar, but the last step to be undone is klt");
  EXPECT_EQ(undo_problem(kUndo, std::nullopt), "undoes cdf53|haar, but nothing was done to this component yet");
  Contract from_source = kUndo;
  from_source.optional_trail = true;
  EXPECT_EQ(undo_problem(from_source, std::nullopt), std::nullopt);
}

TEST(Contract, OutputsHaveAKeyAndAKind) {
  const auto made = [](const Contract& contract, std::string_view out, const std::optional<LastStep>& last) {
    const Made m = main_output(contract, out, last);
    return std::pair(m.key, m.kind);
  };
  EXPECT_EQ(made(kMix, "", kHaar), std::pair(std::string("WaveletPyr"), Kind::bands));
  EXPECT_EQ(made(kMix, "Mine", kHaar), std::pair(std::string("Mine"), Kind::bands));
  EXPECT_EQ(own_key(kMix.outputs[1]), "Weights");
  EXPECT_EQ(made(kUndo, "", kHaar), std::pair(std::string("Mine"), Kind::difference)) << "what haar had consumed";
  EXPECT_EQ(made(kUndo, "Other", kHaar), std::pair(std::string("Other"), Kind::difference));
  EXPECT_EQ(made(kUndo, "", std::nullopt), std::pair(std::string("Latent4"), Kind::planes)) << "taken on trust";
  Contract named = kUndo;
  named.outputs[0].key = "ReconRGB";
  EXPECT_EQ(made(named, "", kHaar), std::pair(std::string("ReconRGB"), Kind::planes));
}

/// A system of any contract.
class Idle final : public System {
 public:
  explicit Idle(Contract contract) : contract_(std::move(contract)) {}
  [[nodiscard]] const Contract& contract() const override { return contract_; }
  [[nodiscard]] ParamList params() const override { return {}; }
  void run(Group&) const override {}

 private:
  Contract contract_;
};

TEST(Contract, ChainsRefuseSystemsWithoutPorts) {
  const Contract none = {.name = "none", .outputs = {{Kind::planes, ""}}};
  EXPECT_ERROR(contract, "'none' has no inputs", (void)Pipeline(std::make_shared<Idle>(none)));
  Contract dry = {.name = "dry", .role = Role::filter, .inputs = {{Kind::planes, ""}}};
  const auto idle = std::make_shared<Idle>(dry);
  EXPECT_ERROR(contract, "'dry' has no outputs", (void)Pipeline(idle));
  const std::vector<std::string> keys{"Latent4"};
  EXPECT_ERROR(contract, "'dry' has no outputs", (void)Pipeline::resolve(std::vector<SystemPtr>{idle}, keys, keys));
  dry.role = Role::measure;
  EXPECT_EQ(Pipeline(std::make_shared<Idle>(dry)).steps().size(), 1U);
}

}  // namespace
}  // namespace vaerans
