#include "vaerans/core/arena.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <utility>

namespace vaerans {
namespace {

std::shared_ptr<void> reserve(std::uint64_t bytes) {
  if (bytes == 0) throw Error(ErrorCode::invalid_argument, "an arena needs at least one byte");
  // NORESERVE: the capacity is address space; the kernel commits a page when it is first written.
  void* base = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (base == MAP_FAILED) throw ArenaFull(bytes, 0, 0);
  return {base, [bytes](void* p) { ::munmap(p, bytes); }};
}

constexpr std::uint64_t whole_lines(std::uint64_t bytes) {
  return (bytes + Arena::alignment - 1) / Arena::alignment * Arena::alignment;
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
      id_(next_arena_id()),
      tails_(reserve(bytes / alignment + 1)) {}

std::uint64_t Arena::take(std::uint64_t bytes) {
  if (bytes > capacity_) throw ArenaFull(bytes, left(), capacity_);
  auto place = freed_.take(whole_lines(bytes), alignment);
  if (!place) {
    place = whole_lines(used_);
    if (*place > capacity_ || bytes > capacity_ - *place) throw ArenaFull(bytes, left(), capacity_);
    used_ = std::min(*place + whole_lines(bytes), capacity_);
    high_water_ = std::max(high_water_, used_);
  }
  last_end_ = *place + bytes;
  note_end(*place, last_end_);
  return *place;
}

std::uint8_t& Arena::tail(std::uint64_t at) const noexcept {
  return static_cast<std::uint8_t*>(tails_.get())[at / alignment];
}

// What was noted of earlier allocations in its place is gone.
void Arena::note_end(std::uint64_t begin, std::uint64_t end) {
  std::memset(&tail(begin), 0, (end - begin - 1) / alignment);
  tail(end - 1) = static_cast<std::uint8_t>(end % alignment);
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
  ref.offset_ = take(bytes);
  ref.epoch_ = epoch_;
  ref.arena_ = id_;
  return ref;
}

std::byte* Arena::alloc_bytes(std::uint64_t bytes, std::size_t align) {
  if (align > alignment) throw Error(ErrorCode::invalid_argument, "an arena aligns to 64 bytes at most");
  return bytes == 0 ? base_ + used_ : base_ + take(bytes);
}

bool Arena::live(const TensorRef& ref) const noexcept {
  if (ref.arena_ != id_) return false;
  // The first rewind after the tensor was made reaches back the furthest of all later ones (see rewind()).
  const auto later = std::upper_bound(rewinds_.begin(), rewinds_.end(), ref.epoch_,
                                      [](std::uint64_t epoch, const Rewind& r) { return epoch < r.epoch; });
  const std::uint64_t end = ref.offset_ + ref.bytes_;
  return (later == rewinds_.end() || later->used >= end) && !freed_.freed_since(ref.offset_, end, ref.epoch_);
}

void Arena::check(const TensorRef& ref) const {
  if (ref.arena_ != id_) {
    throw Error(ErrorCode::foreign_ref,
                ref.valid() ? "the tensor belongs to another arena" : "an empty TensorRef was used");
  }
  if (!live(ref)) {
    throw Error(ErrorCode::stale_ref,
                "tensor " + ref.shape_.str() + " was used after its memory was rewound or released");
  }
}

void Arena::require_dtype(const TensorRef& ref, DType dtype) {
  if (ref.dtype() == dtype) return;
  throw Error(ErrorCode::dtype, "tensor " + ref.shape().str() + " holds " + std::string(dtype_name(ref.dtype())) +
                                    ", not " + std::string(dtype_name(dtype)));
}

std::byte* Arena::data(const TensorRef& ref) {
  check(ref);
  deferred_->fetch(base_, ref.offset_, ref.offset_ + ref.bytes_);
  return base_ + ref.offset_;
}

void Arena::defer(const TensorRef& ref, std::shared_ptr<const DeferredValues> values) {
  check(ref);
  deferred_->add(ref.offset_, ref.offset_ + ref.bytes_, std::move(values));
}

std::shared_ptr<const DeferredValues> Arena::deferred(const TensorRef& ref) const {
  check(ref);
  return deferred_->find(ref.offset_, ref.offset_ + ref.bytes_);
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

TensorRef Arena::prefix(const TensorRef& ref, const Shape& shape) const { return prefix(ref, shape, ref.dtype_); }

TensorRef Arena::prefix(const TensorRef& ref, const Shape& shape, DType dtype) const {
  check(ref);
  TensorRef out = ref;
  out.shape_ = shape;
  out.dtype_ = dtype;
  out.bytes_ = shape.elements() * dtype_size(dtype);
  if (shape.elements() > ref.bytes_ / dtype_size(dtype)) {
    throw Error(ErrorCode::shape, "tensor " + ref.shape_.str() + " has too few elements for " + shape.str());
  }
  return out;
}

TensorRef Arena::shrink_last(const TensorRef& ref, std::uint64_t elements) {
  check(ref);
  TensorRef out = ref;
  out.shape_ = Shape{elements};
  out.bytes_ = out.shape_.elements() * dtype_size(ref.dtype_);
  if (elements > ref.bytes_ / dtype_size(ref.dtype_) || ref.offset_ + ref.bytes_ != last_end_) {
    throw Error(ErrorCode::invalid_argument, "only the most recent tensor can be shrunk, and only to fewer elements");
  }
  const std::uint64_t end = out.offset_ + out.bytes_;
  const Range rest{whole_lines(end), std::min(whole_lines(last_end_), capacity_)};
  deferred_->forget(base_, end, last_end_);
  note_end(out.offset_, end);
  last_end_ = end;
  if (rest.end == used_) {
    used_ = std::min(rest.begin, used_);
  } else {
    freed_.add(rest.begin, rest.end, ref.epoch_);  // not stale: the shorter tensor does not reach into it
  }
  return out;
}

TensorRef Arena::narrowed(const TensorRef& ref, DType dtype) const {
  check(ref);
  if (dtype_size(dtype) > dtype_size(ref.dtype_)) {
    throw Error(ErrorCode::dtype,
                std::string(dtype_name(dtype)) + " does not fit where " + std::string(dtype_name(ref.dtype_)) + " was");
  }
  TensorRef out = ref;
  out.dtype_ = dtype;
  out.bytes_ = ref.bytes_ / dtype_size(ref.dtype_) * dtype_size(dtype);
  return out;
}

Arena::Range Arena::range_of(const void* data, std::uint64_t bytes) const noexcept {
  const auto* const at = static_cast<const std::byte*>(data);
  if (at < base_ || at + bytes > base_ + used_) return {};
  const auto begin = static_cast<std::uint64_t>(at - base_);
  return {begin, begin + bytes};
}

void Arena::release(const TensorRef& ref) {
  check(ref);
  release(range_of(ref));
}

void Arena::release(const Range& range) {
  std::uint64_t end = std::min(range.end, used_);
  if (range.begin >= end) return;
  last_end_ = 0;
  if (const std::uint64_t last = tail(end - 1); last != 0 && last == end % alignment)
    end = std::min(whole_lines(end), used_);
  deferred_->forget(base_, range.begin, end);
  freed_.add(range.begin, end, ++epoch_);
  lower_to_free();
}

// What is free up to the fill level is simply not in use: the level goes down, and what lay there is rewound.
void Arena::lower_to_free() {
  const auto begin = freed_.cut_block_before(used_);
  if (!begin) return;
  lowered_from_ = std::max(lowered_from_, used_);
  rewind({*begin, freed_.moment()});
}

void Arena::discard(const TensorRef& ref) {
  static const auto page = static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  check(ref);
  deferred_->forget(base_, ref.offset_, ref.offset_ + ref.bytes_);
  // The mapping begins at a page.
  const std::uint64_t first = (ref.offset_ + page - 1) / page * page, last = (ref.offset_ + ref.bytes_) / page * page;
  if (last < first + discards_from) return;
  ::madvise(base_ + first, last - first, MADV_DONTNEED);
}

void Arena::rewind(Mark mark) {
  if (mark.used > used_ && mark.used > lowered_from_) {
    throw Error(ErrorCode::invalid_argument, "cannot rewind forward: the mark lies ahead");
  }
  mark.used = std::min(mark.used, used_);
  // Keep only rewinds that reach back further than every later one: their `used` then grows with their epoch.
  while (!rewinds_.empty() && rewinds_.back().used >= mark.used) rewinds_.pop_back();
  deferred_->forget(base_, mark.used, used_);
  ++epoch_;
  rewinds_.push_back({epoch_, mark.used});
  used_ = mark.used;
  last_end_ = 0;
  freed_.forget_from(used_);
  freed_.undo_since(mark.moment, epoch_);
  lower_to_free();
}

}  // namespace vaerans
