// Runs a check once for every instruction set that this build holds and this CPU has.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <string>

namespace vaerans::kernels::test {

// check() runs with dispatch pinned to one target after the other. Fails if there was none: a test that never
// dispatched proves nothing.
template <class Check>
void for_each_target(Check check) {
  int seen = 0;
  for (const auto target : hwy::SupportedAndGeneratedTargets()) {
    SCOPED_TRACE(std::string("target ") + hwy::TargetName(target));
    hwy::SetSupportedTargetsForTest(target);
    check();
    ++seen;
  }
  hwy::SetSupportedTargetsForTest(0);
  EXPECT_GT(seen, 0);
}

}  // namespace vaerans::kernels::test
