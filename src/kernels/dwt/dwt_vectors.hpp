// dwt_lifting.hpp on vectors, and half rows; included once per instruction set, after <hwy/highway.h>. Internal.
#if defined(VAERANS_KERNELS_DWT_VECTORS) == defined(HWY_TARGET_TOGGLE)
#ifdef VAERANS_KERNELS_DWT_VECTORS
#undef VAERANS_KERNELS_DWT_VECTORS
#else
#define VAERANS_KERNELS_DWT_VECTORS
#endif

#include <cstdint>
#include <type_traits>
#include <utility>

#include "kernels/dwt/dwt_level.hpp"

HWY_BEFORE_NAMESPACE();
namespace vaerans::kernels::lifting::HWY_NAMESPACE {
#if HWY_TARGET != HWY_SCALAR  // one lane has nothing to take apart: the twins are the form for it
namespace hn = hwy::HWY_NAMESPACE;

template <class T>
using Tag = hn::CappedTag<T, 64 / sizeof(T)>;  // never more than kMaxLanes
template <class T>
using Vec = hn::Vec<Tag<T>>;

// The functions of dwt_lifting.hpp on vectors.
template <class T>
Vec<T> half_sum(Vec<T> a, Vec<T> b) {
  if constexpr (std::is_integral_v<T>) {
    return hn::Add(hn::And(a, b), hn::ShiftRight<1>(hn::Xor(a, b)));
  } else {
    return hn::Mul(hn::Add(a, b), hn::Set(Tag<T>(), T{0.5}));
  }
}

template <class T>
struct VectorCdf53 {
  using Scalar = Cdf53;
  static Vec<T> predict(Vec<T> left, Vec<T> right) { return half_sum<T>(left, right); }
  static Vec<T> update(Vec<T> before, Vec<T> after) {
    if constexpr (std::is_integral_v<T>) {
      const Vec<T> half = half_sum<T>(before, after);
      return hn::Sub(half, hn::ShiftRight<1>(half));  // ceil(half / 2)
    } else {
      return hn::Mul(hn::Add(before, after), hn::Set(Tag<T>(), T{0.25}));
    }
  }
  static Vec<T> update_tail(Vec<T> before) { return update(before, before); }
};

template <class T>
struct VectorHaar {
  using Scalar = Haar;
  static Vec<T> predict(Vec<T> left, Vec<T> /*right*/) { return left; }
  static Vec<T> update(Vec<T> /*before*/, Vec<T> after) {
    if constexpr (std::is_integral_v<T>) {
      return hn::ShiftRight<1>(after);
    } else {
      return hn::Mul(after, hn::Set(Tag<T>(), T{0.5}));
    }
  }
  static Vec<T> update_tail(Vec<T> /*before*/) { return hn::Zero(Tag<T>()); }
};

template <class T>
Vec<T> scaled(Vec<T> v, float gain) {
  if constexpr (std::is_integral_v<T>) {
    return v;
  } else {
    return hn::Mul(v, hn::Set(Tag<T>(), gain));
  }
}

// The even and the odd samples of a row, in half rows of scratch: the element before the first may be written.
template <class T>
struct Halves {
  T* even;
  T* odd;
};

template <class T>
class HalfRows {
 public:
  HalfRows(T* scratch, std::size_t w) : stride_(half_row_stride(w)) {
    const std::size_t excess = reinterpret_cast<std::uintptr_t>(scratch) % 64 / sizeof(T);
    constexpr std::size_t line = 64 / sizeof(T);
    next_ = scratch + (line - excess) % line + kMaxLanes;
  }
  T* take() { return std::exchange(next_, next_ + stride_); }
  // A whole row with room for a vector beyond its end.
  T* take_row() {
    T* const row = take();
    (void)take();
    return row;
  }
  Halves<T> take_halves() {
    T* const even = take();
    return {even, take()};
  }

 private:
  std::size_t stride_;
  T* next_ = nullptr;
};

// Stores past the caches where that is asked for and the address allows it.
template <class T>
HWY_INLINE void put(Vec<T> v, T* to, bool stream) {
  const Tag<T> d;
  if (stream && reinterpret_cast<std::uintptr_t>(to) % sizeof(v) == 0) {
    hn::Stream(v, d, to);
  } else {
    hn::StoreU(v, d, to);
  }
}

// The same samples of two rows, or the even and odd samples of one.
template <class T>
struct Pair {
  Vec<T> even;
  Vec<T> odd;
};

// Calls at(i) for vectors that cover 0..n without passing its end, where n is at least a vector; the last two overlap.
template <class At>
void cover(std::size_t n, std::size_t lanes, At at) {
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) at(i);
  if (i < n) at(n - lanes);
}

#endif

}  // namespace vaerans::kernels::lifting::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
