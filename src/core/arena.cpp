#include "vaerans/core/arena.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>

namespace vaerans {
namespace {

std::shared_ptr<void> reserve(std::uint64_t bytes) {
  if (bytes == 0) throw Error(ErrorCode::invalid_argument, "an arena needs at least one byte");
  // NORESERVE: the capacity is address space; the kernel commits a page when it is first written.
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) throw ArenaFull(bytes, 0, 0);
  return {base, [bytes](void* p) { ::munmap(p, bytes); }};
}

std::uint32_t next_arena_id() {
  static std::atomic<std::uint32_t> next{1};
  return next++;
}

}  // namespace

Arena::Arena(std::uint64_t bytes)
    : mapping_(reserve(bytes)),
      base_(static_cast<std::byte*>(mapping_.get())),
      capacity_(bytes),
      id_(next_arena_id()) {}

std::uint64_t Arena::take(std::uint64_t bytes, std::size_t align) {
  const std::uint64_t start = (used_ + align - 1) / align * align;
  if (start > capacity_ || bytes > capacity_ - start) throw ArenaFull(bytes, left(), capacity_);
  used_ = start + bytes;
  high_water_ = std::max(high_water_, used_);
  return start;
}

TensorRef Arena::alloc_tensor(const Shape& shape, DType dtype) {
  std::uint64_t bytes = 0;
  if (__builtin_mul_overflow(shape.elements(), dtype_size(dtype), &bytes)) {
    throw Error(ErrorCode::shape,
                "shape " + shape.str() + " of " + std::string(dtype_name(dtype)) + " overflows 64 bits");
  }
  TensorRef ref;
  ref.shape_ = shape;
  ref.dtype_ = dtype;
  ref.bytes_ = bytes;
  ref.offset_ = take(bytes, alignment);
  ref.epoch_ = epoch_;
  ref.arena_ = id_;
  return ref;
}

std::byte* Arena::alloc_bytes(std::uint64_t bytes, std::size_t align) { return base_ + take(bytes, align); }

bool Arena::live(const TensorRef& ref) const noexcept {
  if (ref.arena_ != id_) return false;
  // The first rewind after the tensor was made reaches back the furthest of all later ones (see rewind()).
  const auto later = std::upper_bound(rewinds_.begin(), rewinds_.end(), ref.epoch_,
                                      [](std::uint64_t epoch, const Rewind& r) { return epoch < r.epoch; });
  return later == rewinds_.end() || later->used >= ref.offset_ + ref.bytes_;
}

void Arena::check(const TensorRef& ref) const {
  if (ref.arena_ != id_) {
    throw Error(ErrorCode::foreign_ref,
                ref.valid() ? "the tensor belongs to another arena" : "an empty TensorRef was used");
  }
  if (!live(ref)) {
    throw Error(ErrorCode::stale_ref, "tensor " + ref.shape_.str() + " was used after its memory was rewound");
  }
}

void Arena::require_dtype(const TensorRef& ref, DType dtype) {
  if (ref.dtype() == dtype) return;
  throw Error(ErrorCode::dtype, "tensor " + ref.shape().str() + " holds " + std::string(dtype_name(ref.dtype())) +
                                    ", not " + std::string(dtype_name(dtype)));
}

std::byte* Arena::data(const TensorRef& ref) {
  check(ref);
  return base_ + ref.offset_;
}

TensorRef Arena::subref_axis0(const TensorRef& ref, std::uint64_t i) const {
  check(ref);
  if (i >= ref.shape_[0]) {
    throw Error(ErrorCode::shape, "item " + std::to_string(i) + " is outside the first axis of " + ref.shape_.str());
  }
  TensorRef out = ref;
  out.shape_ = ref.shape_.item();
  out.bytes_ = ref.bytes_ / ref.shape_[0];
  out.offset_ = ref.offset_ + i * out.bytes_;
  return out;
}

TensorRef Arena::join_axis0(std::span<const TensorRef> items) const {
  if (items.empty()) return {};
  const TensorRef& first = items.front();
  std::uint64_t oldest = first.epoch_;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const TensorRef& r = items[i];
    check(r);
    if (r.shape_ != first.shape_ || r.dtype_ != first.dtype_ || r.offset_ != first.offset_ + i * first.bytes_)
      return {};
    oldest = std::min(oldest, r.epoch_);
  }
  TensorRef out = first;
  out.shape_ = first.shape_.batched(items.size());
  out.bytes_ = first.bytes_ * items.size();
  out.epoch_ = oldest;
  return out;
}

TensorRef Arena::prefix(const TensorRef& ref, const Shape& shape) const {
  check(ref);
  TensorRef out = ref;
  out.shape_ = shape;
  out.bytes_ = shape.elements() * dtype_size(ref.dtype_);
  if (out.bytes_ > ref.bytes_) {
    throw Error(ErrorCode::shape, "tensor " + ref.shape_.str() + " has too few elements for " + shape.str());
  }
  return out;
}

TensorRef Arena::shrink_last(const TensorRef& ref, std::uint64_t elements) {
  check(ref);
  TensorRef out = ref;
  out.shape_ = Shape{elements};
  out.bytes_ = out.shape_.elements() * dtype_size(ref.dtype_);
  if (out.bytes_ > ref.bytes_ || ref.offset_ + ref.bytes_ != used_) {
    throw Error(ErrorCode::invalid_argument, "only the most recent tensor can be shrunk, and only to fewer elements");
  }
  used_ = out.offset_ + out.bytes_;
  return out;
}

void Arena::discard(const TensorRef& ref) {
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  check(ref);
  // The mapping begins at a page.
  const std::uint64_t first = (ref.offset_ + page - 1) / page * page, last = (ref.offset_ + ref.bytes_) / page * page;
  if (last < first + discards_from) return;
  ::madvise(base_ + first, last - first, MADV_DONTNEED);
}

void Arena::rewind(Mark mark) {
  if (mark.used > used_) throw Error(ErrorCode::invalid_argument, "cannot rewind forward: the mark lies ahead");
  // Keep only rewinds that reach back further than every later one: their `used` then grows with their epoch.
  while (!rewinds_.empty() && rewinds_.back().used >= mark.used) rewinds_.pop_back();
  ++epoch_;
  rewinds_.push_back({epoch_, mark.used});
  used_ = mark.used;
}

}  // namespace vaerans
