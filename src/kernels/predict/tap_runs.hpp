// Which neighbours the linear predictors see: runs of four samples side by side, so that a run is one load.
#pragma once

#include <array>

namespace vaerans::kernels {

struct TapRun {
  int plane, dy, dx;  // the first of four samples, relative to the one that is predicted
};

inline constexpr int kTapRuns = 6;

inline constexpr std::array<std::array<TapRun, kTapRuns>, 3> kRunsOfPlane{{
    {{{0, 0, -4}, {0, -1, -2}, {0, -2, -2}, {0, -1, 2}, {0, -3, -2}, {0, -2, 2}}},
    {{{1, 0, -4}, {1, -1, -2}, {0, 0, -1}, {0, -1, -1}, {1, -2, -1}, {0, 1, -1}}},
    {{{2, 0, -4}, {2, -1, -2}, {1, 0, -1}, {0, 0, -1}, {1, -1, -1}, {0, -1, -1}}},
}};

// The sixteen samples that local least squares sees, the nearest first.
struct Tap {
  int plane, dy, dx;
};
inline constexpr std::array<std::array<Tap, 16>, 3> kSquareTapsOfPlane{{
    {{{0, 0, -1},
      {0, -1, 0},
      {0, -1, -1},
      {0, -1, 1},
      {0, 0, -2},
      {0, -2, 0},
      {0, -1, -2},
      {0, -1, 2},
      {0, -2, -1},
      {0, -2, 1},
      {0, 0, -3},
      {0, -3, 0},
      {0, -2, -2},
      {0, -2, 2},
      {0, -3, -1},
      {0, -3, 1}}},
    {{{1, 0, -1},
      {1, -1, 0},
      {1, -1, -1},
      {1, -1, 1},
      {1, 0, -2},
      {1, -2, 0},
      {1, -1, -2},
      {1, -1, 2},
      {0, 0, 0},
      {0, 0, -1},
      {0, -1, 0},
      {0, 0, 1},
      {0, 1, 0},
      {0, -1, -1},
      {0, -1, 1},
      {0, 1, -1}}},
    {{{2, 0, -1},
      {2, -1, 0},
      {2, -1, -1},
      {2, -1, 1},
      {2, 0, -2},
      {2, -2, 0},
      {1, 0, 0},
      {1, 0, -1},
      {1, -1, 0},
      {1, 0, 1},
      {1, 1, 0},
      {0, 0, 0},
      {0, 0, -1},
      {0, -1, 0},
      {0, 0, 1},
      {0, 1, 0}}},
}};

}  // namespace vaerans::kernels
