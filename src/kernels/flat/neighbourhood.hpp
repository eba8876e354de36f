// What the flat coder sees of a pixel before it is known: its neighbours, the pixels that it may be, and the contexts
// of its bytes. docs/format_flat.md names all of it.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "kernels/flat/flat_model.hpp"
#include "kernels/flat/match.hpp"

namespace vaerans::kernels {

inline std::uint64_t followed(std::uint64_t hash, std::uint32_t pixel) noexcept {
  return (hash ^ pixel) * 0x9E3779B97F4A7C15U + (hash >> 29U);
}

inline std::uint32_t joined(std::uint32_t a, std::uint32_t b) noexcept {
  std::uint32_t h = a * 0x9E3779B1U ^ (b + 0x7F4A7C15U) * 0x85EBCA6BU;
  h = (h ^ h >> 15U) * 0x2C1B3C6DU;
  return h ^ h >> 13U;
}

struct Neighbourhood {
  Neighbourhood(const std::int32_t* pixel, std::ptrdiff_t row) noexcept
      : w(at(pixel, -1)),
        n(at(pixel, -row)),
        nw(at(pixel, -row - 1)),
        ne(at(pixel, -row + 1)),
        ww(at(pixel, -2)),
        nn(at(pixel, -2 * row)) {
    std::uint64_t h = followed(followed(followed(followed(1, w), n), nw), ne);
    hash[2] = h;
    h = followed(followed(followed(h, ww), nn), at(pixel, -row + 2));
    hash[1] = h;
    h = followed(followed(followed(h, at(pixel, -3)), at(pixel, -row - 2)), at(pixel, -2 * row - 1));
    h = followed(followed(followed(h, at(pixel, -2 * row + 1)), at(pixel, -row + 3)), at(pixel, -3 * row));
    hash[0] = h;
  }
  [[nodiscard]] unsigned equalities() const noexcept {
    return unsigned{w == n} | unsigned{n == nw} << 1U | unsigned{n == ne} << 2U | unsigned{w == ww} << 3U |
           unsigned{n == nn} << 4U;
  }

  std::uint32_t w, n, nw, ne, ww, nn;
  std::array<std::uint64_t, FlatModel::kReaches> hash;  // takes in 13, 7 and 4 neighbours

 private:
  static std::uint32_t at(const std::int32_t* pixel, std::ptrdiff_t offset) noexcept {
    return static_cast<std::uint32_t>(pixel[offset]);
  }
};

// The pixels that one is offered as, each different from those before it.
class Candidates {
 public:
  Candidates(const Neighbourhood& around, const FlatMatch& match, FlatModel& model) noexcept
      : match_(match.length_class()), equalities_(around.equalities()), near_(around.hash[2] >> 48U) {
    if (matched()) add(match.pixel());
    for (std::size_t i = 0; i < kReaches; ++i) {
      follower_[i] = &model.followers[i][around.hash[i] >> (64 - FlatModel::kFollowerBits)];
      check_[i] = static_cast<std::uint16_t>(around.hash[i] >> 20U);
      if (follower_[i]->check != check_[i] || follower_[i]->count == 0) continue;
      trust_[i] = std::min<std::size_t>(follower_[i]->count, 7) + (follower_[i]->count > 20 ? 1 : 0);
      if (first_ == kReaches) first_ = i;
      add(follower_[i]->pixel);
    }
    remembered_ = count_;
    agreement_ = agreement(around.w);
    likeness_ = pixels_[0] == around.n ? 1 : 2;
    if (pixels_[0] == around.w) likeness_ = 0;
    if (count_ == 0) add(around.w);
  }
  // Adds the neighbours: the first candidate is there without.
  void complete(const Neighbourhood& around) noexcept {
    for (const std::uint32_t pixel : {around.w, around.n, around.nw, around.ne, around.ww}) add(pixel);
  }

  [[nodiscard]] std::size_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint32_t pixel(std::size_t place) const noexcept { return pixels_[place]; }

  // Whether the first one is a match's, which has been right before.
  [[nodiscard]] bool matched() const noexcept { return match_ >= 2; }

  // `last`: as FlatTileCoder keeps it.
  [[nodiscard]] std::size_t length_context(int last) const noexcept {
    return 3 * match_ + static_cast<std::size_t>(last);
  }
  [[nodiscard]] std::size_t match_context(int last) const noexcept {
    return ((length_context(last) * 9 + trust_[0]) * 4 + support()) * 3 + likeness_;
  }
  [[nodiscard]] std::size_t source_context(int last) const noexcept {
    return (9 * first_ + (first_ < kReaches ? trust_[first_] : 0)) * 3 + static_cast<std::size_t>(last);
  }
  [[nodiscard]] std::size_t shape_context(int last) const noexcept {
    return (source_context(last) * 4 + agreement_) * 32 + equalities_;
  }
  [[nodiscard]] std::size_t counts_context() const noexcept {
    const bool near_says_so = trust_[2] != 0 && follower_[2]->pixel == pixels_[0];
    return ((81 * trust_[0] + 9 * trust_[1] + trust_[2]) * 4 + agreement_) * 2 + (near_says_so ? 1 : 0);
  }
  [[nodiscard]] std::size_t near_context() const noexcept { return near_; }
  [[nodiscard]] std::size_t later_context(std::size_t place, int last) const noexcept {
    return ((5 * place + remembered_) * 32 + equalities_) * 3 + static_cast<std::size_t>(last);
  }

  // Notes what followed each neighbourhood.
  void learn(std::uint32_t pixel) noexcept {
    for (std::size_t i = 0; i < kReaches; ++i) {
      Follower& f = *follower_[i];
      const bool known = trust_[i] != 0;
      if (known && f.pixel == pixel) {
        f.count = static_cast<std::uint16_t>(f.count + (f.count < 255 ? 1 : 0));
      } else if (known && f.count > 3) {
        f.count /= 4;
      } else {
        f = {pixel, check_[i], 1};
      }
    }
  }

 private:
  static constexpr std::size_t kReaches = FlatModel::kReaches;

  void add(std::uint32_t pixel) noexcept {
    for (std::size_t k = 0; k < count_; ++k) {
      if (pixels_[k] == pixel) return;
    }
    pixels_[count_++] = pixel;
  }
  [[nodiscard]] std::size_t agreement(std::uint32_t w) const noexcept {
    if (trust_[0] == 0) return 0;
    const bool middle = trust_[1] != 0 && follower_[1]->pixel == follower_[0]->pixel;
    return (follower_[0]->pixel == w ? 1U : 0U) + (middle ? 2U : 0U);
  }

  // What the followers say of the first candidate. 0: none is known, 1: a far one is it, 2: no, 3: the near one alone.
  [[nodiscard]] std::size_t support() const noexcept {
    if (first_ == kReaches) return 0;
    if (follower_[first_]->pixel != pixels_[0]) return 2;
    return first_ == 2 ? 3 : 1;
  }

  std::array<Follower*, kReaches> follower_;
  std::array<std::uint16_t, kReaches> check_;
  std::array<std::size_t, kReaches> trust_{};  // 0: its follower is not known
  std::array<std::uint32_t, 9> pixels_{};
  std::size_t count_ = 0, remembered_ = 0, first_ = kReaches, agreement_ = 0, likeness_ = 0;
  std::size_t match_;  // the class of its length
  unsigned equalities_;
  std::size_t near_;
};

// What belongs to one byte of a pixel: a hash for each context, and how busy it is around.
struct ByteContexts {
  std::array<std::uint32_t, FlatModel::kContexts> hash;
  int busy;
};

inline int byte_of(std::uint32_t pixel, int component) noexcept {
  return static_cast<int>(pixel >> (8 * component) & 255U);
}

// Between the two neighbours, or beyond them where there is an edge (Martucci 1990).
inline int median_edge(const Neighbourhood& around, int component) noexcept {
  const int w = byte_of(around.w, component), n = byte_of(around.n, component), nw = byte_of(around.nw, component);
  return std::clamp(w + n - nw, std::min(w, n), std::max(w, n));
}

// A smoothed edge is a mix of two colours: where the first byte stands between theirs, this one should, too.
inline int between_colors(const Neighbourhood& around, int component, std::uint32_t known) noexcept {
  std::uint32_t other = around.ww;
  for (const std::uint32_t pixel : {around.nw, around.ne, around.n}) other = pixel != around.w ? pixel : other;
  const int a = byte_of(around.w, component), first = byte_of(around.w, 0), span = byte_of(other, 0) - first;
  if (span == 0) return a;
  return std::clamp(a + (byte_of(other, component) - a) * (byte_of(known, 0) - first) / span, 0, 255);
}

// `known`: the bytes of the pixel before this component.
inline ByteContexts byte_contexts(const Neighbourhood& p, int components, int c, std::uint32_t known) noexcept {
  const int w = byte_of(p.w, c), n = byte_of(p.n, c), nw = byte_of(p.nw, c);
  const auto steep = static_cast<unsigned>(std::abs(w - nw) + std::abs(n - nw) + 1);
  ByteContexts out{};
  out.busy = std::min(7, static_cast<int>(std::bit_width(steep)) - 1);
  const auto number = static_cast<std::uint32_t>(c);
  const std::uint32_t key = joined(known, number + 1), left = joined(key, p.w), both = joined(left, p.n);
  const std::uint32_t four = joined(both, joined(p.nw, p.ne));
  if (components == 1) {
    out.hash = {left, joined(key, p.n), both, four, key, joined(joined(key, p.ww), p.nn)};
    return out;
  }
  int guess = median_edge(p, c);
  if (c > 0) guess = std::clamp(guess + byte_of(known, 0) - median_edge(p, 0), 0, 255);
  const auto about = static_cast<std::uint32_t>((guess >> 1) + (out.busy << 8));
  const std::uint32_t line = c == 0 ? key : joined(number, static_cast<std::uint32_t>(between_colors(p, c, known)));
  out.hash = {left, joined(key, p.n), both, c == 0 ? four : key, joined(number, about), line};
  return out;
}

}  // namespace vaerans::kernels
