// Values that an arena fetches when somebody asks for their address.
#include "vaerans/core/deferred.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "expect_error.hpp"
#include "vaerans/core/arena.hpp"

namespace vaerans {
namespace {

/// Fills with a byte and counts how often.
class Filled : public DeferredValues {
 public:
  explicit Filled(int value) : value_(value) {}
  void fetch(std::span<std::byte> to) const override {
    ++fetched;
    std::ranges::fill(to, static_cast<std::byte>(value_));
  }
  mutable int fetched = 0;

 private:
  int value_;
};

class Broken : public DeferredValues {
 public:
  void fetch(std::span<std::byte>) const override { throw Error(ErrorCode::inference, "the device is gone"); }
};

class Deferred : public ::testing::Test {
 protected:
  TensorRef waiting(const Shape& shape = {4, 100}) {
    const TensorRef ref = arena_.alloc_tensor(shape, DType::u8);
    std::ranges::fill(arena_.view<std::uint8_t>(ref), std::uint8_t{1});
    arena_.defer(ref, values_);
    return ref;
  }
  Arena arena_{1 << 20};
  std::shared_ptr<Filled> values_ = std::make_shared<Filled>(7);
};

TEST_F(Deferred, AreTakenWithoutBeingFetched) {
  const TensorRef ref = waiting();
  EXPECT_EQ(arena_.deferred(ref), values_);
  EXPECT_EQ(arena_.deferred(arena_.subref_axis0(ref, 1)), nullptr) << "a part is another tensor";
  EXPECT_EQ(values_->fetched, 0);
}

TEST_F(Deferred, AreFetchedOnceByWhoAsksForAPart) {
  const TensorRef ref = waiting(), other = arena_.alloc_tensor({100}, DType::u8);
  arena_.view<std::uint8_t>(other)[0] = 3;
  EXPECT_EQ(values_->fetched, 0) << "neighbours are not asked for";
  EXPECT_EQ(arena_.view<std::uint8_t>(arena_.subref_axis0(ref, 2))[99], 7);
  EXPECT_EQ(arena_.view<std::uint8_t>(ref)[0], 7);
  EXPECT_EQ(arena_.view<std::uint8_t>(other)[0], 3);
  EXPECT_EQ(values_->fetched, 1);
  EXPECT_EQ(arena_.deferred(ref), nullptr) << "whoever has the address may have written there";
}

TEST_F(Deferred, AreForgottenWithTheirMemory) {
  const auto mark = arena_.mark();
  (void)waiting();
  arena_.rewind(mark);
  arena_.release(waiting());
  const TensorRef again = arena_.alloc_tensor({4, 100}, DType::u8);
  arena_.view<std::uint8_t>(again)[0] = 5;
  EXPECT_EQ(arena_.view<std::uint8_t>(again)[0], 5);
  EXPECT_EQ(values_->fetched, 0);
  EXPECT_EQ(values_.use_count(), 1) << "the device's memory is given back";
}

TEST_F(Deferred, OutliveTheReleaseOfAPart) {
  const TensorRef ref = waiting();
  const TensorRef rest = arena_.subref_axis0(ref, 3);
  arena_.release(arena_.subref_axis0(ref, 0));
  const TensorRef in_its_place = arena_.alloc_tensor({100}, DType::u8);
  std::ranges::fill(arena_.view<std::uint8_t>(in_its_place), std::uint8_t{9});
  EXPECT_EQ(arena_.view<std::uint8_t>(rest)[0], 7);
  EXPECT_EQ(arena_.view<std::uint8_t>(in_its_place)[0], 9);
}

TEST_F(Deferred, FailAsOftenAsTheyAreAskedFor) {
  const TensorRef ref = arena_.alloc_tensor({16}, DType::u8);
  arena_.defer(ref, std::make_shared<Broken>());
  for (int i = 0; i < 2; ++i) EXPECT_ERROR(inference, "the device is gone", (void)arena_.data(ref));
}

TEST_F(Deferred, ThreadsThatAskTogetherAllFindThem) {
  for (int round = 0; round < 50; ++round) {
    const TensorRef ref = waiting();
    std::vector<std::jthread> threads;
    std::atomic<int> right = 0;
    for (std::uint64_t i = 0; i < 4; ++i) {
      threads.emplace_back(
          [&, i] { right += arena_.view<std::uint8_t>(arena_.subref_axis0(ref, i))[50] == 7 ? 1 : 0; });
    }
    threads.clear();
    EXPECT_EQ(right, 4);
  }
  EXPECT_EQ(values_->fetched, 50);
}

}  // namespace
}  // namespace vaerans
