// How the flat coder goes through a tile. Included once per instruction set like decide_each.hpp.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "kernels/flat/flat_coder.hpp"
#include "kernels/flat/flat_model.hpp"
#include "kernels/flat/match.hpp"
#include "kernels/flat/neighbourhood.hpp"

namespace vaerans::kernels::VAERANS_EACH_NAMESPACE {

// Counters under one mixer or two, whose logits are averaged.
template <class V>
class FlatMixer {
 public:
  using Lanes = typename V::Lanes;
  FlatMixer(const FlatTables& tables, Lanes logits, Lanes leanings)
      : tables_(tables), logits_(logits), leanings_(leanings) {}

  HWY_INLINE int mix(const MixerWeights& m) const { return LaneMixer<V>::mix(m, logits_, leanings_); }
  HWY_INLINE void teach(MixerWeights& m, int logit, int yes) const {
    const int miss = yes * 65536 - probability(logit);
    LaneMixer<V>::teach(m, logits_, leanings_, miss, tables_.mixer_rate[static_cast<std::size_t>(m.age())]);
  }
  [[nodiscard]] HWY_INLINE int probability(int logit) const {
    return tables_.logistic.squash[static_cast<std::size_t>(logit + kLogitLimit)];
  }

 private:
  const FlatTables& tables_;
  Lanes logits_, leanings_;
};

// Decides whether pixels are what they are offered as.
template <class V, class Coder>
class CandidateCoder {
 public:
  CandidateCoder(FlatModel& model, Coder& coder) : m_(model), tables_(flat_tables()), coder_(coder) {}

  HWY_INLINE int first(const Candidates& c, int last, int yes) {
    const bool matched = c.matched();
    FineCounter& shape = matched ? m_.by_match[c.match_context(last)] : m_.by_shape[c.shape_context(last)];
    if (shape.probability > kSure) return direct(shape, yes);
    FineCounter& counts = m_.by_counts[c.counts_context()];
    FineCounter& near = m_.by_near[c.near_context()];
    MixerWeights& mixer = matched ? m_.match_mixers[c.length_context(last)] : m_.source_mixers[c.source_context(last)];
    const FlatMixer<V> mixed(tables_, V::of(logit(shape), logit(counts), logit(near), 0, 0, 0, 0, 256), V::set(0));
    const int t = mixed.mix(mixer);
    yes = coder_.code(yes, static_cast<std::uint32_t>(mixed.probability(t)));
    mixed.teach(mixer, t, yes);
    for (FineCounter* counter : {&shape, &counts, &near}) teach(*counter, yes);
    return yes;
  }
  HWY_INLINE int later(const Candidates& c, std::size_t place, int last, int yes) {
    return direct(m_.later[c.later_context(place, last)], yes);
  }

 private:
  static constexpr std::uint32_t kSure = 64000U << 6U;

  HWY_INLINE int direct(FineCounter& counter, int yes) {
    yes = coder_.code(yes, std::clamp(counter.probability >> 6U, 1U, 65535U));
    teach(counter, yes);
    return yes;
  }
  HWY_INLINE void teach(FineCounter& c, int yes) const {
    const std::int64_t miss = (yes != 0 ? (1 << FineCounter::kBits) - 1 : 0) - std::int64_t{c.probability};
    c.probability = static_cast<std::uint32_t>(c.probability + (miss * tables_.fine_rate[c.visits] >> 16));
    c.visits += c.visits < FineCounter::kMostVisits ? 1 : 0;
  }
  [[nodiscard]] HWY_INLINE int logit(const FineCounter& c) const {
    return tables_.logistic.stretch[c.probability >> 10U] * tables_.trust[c.visits] >> 8;
  }

  FlatModel& m_;
  const FlatTables& tables_;
  Coder& coder_;
};

// Codes pixels that are no candidate, byte by byte.
template <class V, class Coder>
class LiteralCoder {
 public:
  LiteralCoder(FlatModel& model, Coder& coder, int components)
      : m_(model), tables_(flat_tables()), coder_(coder), components_(components) {}

  HWY_INLINE std::uint32_t code(const Neighbourhood& around, std::uint32_t pixel) {
    std::uint32_t known = 0;
    for (int c = 0; c < components_; ++c) {
      const ByteContexts contexts = byte_contexts(around, components_, c, known);
      known |= byte(contexts, c, static_cast<int>(pixel >> (8 * c) & 255U)) << (8 * c);
    }
    return known;
  }

 private:
  static constexpr std::size_t kContexts = FlatModel::kContexts;

  HWY_INLINE std::uint32_t byte(const ByteContexts& contexts, int component, int value) {
    unsigned node = 1;
    for (const int shift : {4, 0}) {
      for (std::size_t i = 0; i < kContexts; ++i)
        lines_[i] = &line(i, shift == 4 ? contexts.hash[i] : joined(contexts.hash[i], node));
      unsigned place = 1;
      for (int bit = 3; bit >= 0; --bit) {
        const int yes =
            decide(static_cast<std::size_t>(component), node, place, contexts.busy, value >> (shift + bit) & 1);
        node = 2 * node + static_cast<unsigned>(yes);
        place = 2 * place + static_cast<unsigned>(yes);
      }
    }
    return node & 255U;
  }

  HWY_INLINE CounterLine& line(std::size_t table, std::uint32_t hash) {
    CounterLine& out = m_.lines[table][hash >> (32 - FlatModel::kLineBits)];
    const auto check = static_cast<std::uint16_t>((hash & 0xFFFFU) | 1U);
    if (out.at[0].probability != check) {
      out.at.fill({32768, 0});
      out.at[0].probability = check;
    }
    return out;
  }

  HWY_INLINE int decide(std::size_t component, unsigned node, unsigned place, int busy, int yes) {
    std::array<std::int32_t, kContexts> logit, leaning;
    int trusts = 0;
    for (std::size_t i = kContexts; i-- > 0;) {
      const Counter& c = lines_[i]->at[place];
      logit[i] = tables_.logistic.stretch[c.probability >> 4] * tables_.trust[c.visits] >> 8;
      leaning[i] = c.visits == 0 ? 0 : (c.probability - 32768) >> 5;
      if (i < 4) trusts = 3 * trusts + std::min((c.visits + 1) / 2, 2);  // 0, 1 to 2, and more
    }
    const FlatMixer<V> mixed(tables_, V::of(logit[0], logit[1], logit[2], logit[3], logit[4], logit[5], 0, 256),
                             V::of(leaning[0], leaning[1], leaning[2], leaning[3], leaning[4], leaning[5], 0, 0));
    MixerWeights& by_node = m_.node_mixers[component][node];
    MixerWeights& by_trust = m_.trust_mixers[component][static_cast<std::size_t>(8 * trusts + busy)];
    const int a = mixed.mix(by_node), b = mixed.mix(by_trust);
    yes = coder_.code(yes, static_cast<std::uint32_t>(mixed.probability((a + b) >> 1)));
    mixed.teach(by_node, a, yes);
    mixed.teach(by_trust, b, yes);
    for (CounterLine* l : lines_) teach_counter(l->at[place], yes, tables_);
    return yes;
  }

  FlatModel& m_;
  const FlatTables& tables_;
  Coder& coder_;
  int components_;
  std::array<CounterLine*, kContexts> lines_{};
};

template <class V, class Coder>
class FlatTileCoder {
 public:
  FlatTileCoder(const FlatShape& shape, FlatBuffers& buffers, Coder& coder)
      : model_(*buffers.model),
        match_(model_, buffers.pixels, shape.width),
        candidates_(model_, coder),
        literals_(model_, coder, shape.components) {}

  // Codes pixels [from, to) of a row.
  HWY_INLINE void run(std::int32_t* row, std::ptrdiff_t stride, int from, int to) {
    for (int x = from; x < to; ++x) row[x] = static_cast<std::int32_t>(pixel(row + x, x, stride));
  }
  void begin_row(int y) {
    last_ = 0;
    match_.begin_row(y);
  }

 private:
  HWY_INLINE std::uint32_t pixel(const std::int32_t* at, int x, std::ptrdiff_t stride) {
    const auto value = static_cast<std::uint32_t>(*at);  // an encoder's
    const Neighbourhood around(at, stride);
    match_.look(x, around.hash[0]);
    Candidates c(around, match_, model_);
    const std::uint32_t found = choose(around, c, value);
    c.learn(found);
    match_.learn(found);
    return found;
  }

  HWY_INLINE std::uint32_t choose(const Neighbourhood& around, Candidates& c, std::uint32_t value) {
    if (candidates_.first(c, last_, value == c.pixel(0) ? 1 : 0) != 0) {
      last_ = 0;
      return c.pixel(0);
    }
    c.complete(around);
    for (std::size_t k = 1; k < c.count(); ++k) {
      if (candidates_.later(c, k, last_, value == c.pixel(k) ? 1 : 0) == 0) continue;
      last_ = 1;
      return c.pixel(k);
    }
    last_ = 2;
    return literals_.code(around, value);
  }

  FlatModel& model_;
  FlatMatch match_;
  CandidateCoder<V, Coder> candidates_;
  LiteralCoder<V, Coder> literals_;
  int last_ = 0;  // what the pixel before was: the first candidate, another one, none
};

// The next run of pixels that are not covered, from x on.
struct FlatRun {
  int from, to;
};
inline FlatRun next_run(std::span<const std::uint8_t> covered, int x, int width) {
  if (covered.empty()) return {x, width};
  while (x < width && covered[static_cast<std::size_t>(x)] != 0) ++x;
  int to = x;
  while (to < width && covered[static_cast<std::size_t>(to)] == 0) ++to;
  return {x, to};
}

// `go_on` is asked before each row.
template <class V, class Coder, class GoOn>
void code_flat_on(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers, Coder& coder,
                  GoOn go_on) {
  buffers.model->reset();
  FlatTileCoder<V, Coder> tile(shape, buffers, coder);
  for (int y = 0; y < shape.height && go_on(); ++y) {
    const auto width = static_cast<std::size_t>(shape.width);
    const auto row = covered.empty() ? covered : covered.subspan(static_cast<std::size_t>(y) * width, width);
    buffers.pixels.begin_row(y);
    tile.begin_row(y);
    for (int x = 0; x < shape.width;) {
      const FlatRun run = next_run(row, x, shape.width);
      tile.run(buffers.pixels.row(y), buffers.pixels.stride(), run.from, run.to);
      x = run.to;
    }
    buffers.pixels.end_row(y);
  }
}

template <class V>
void encode_flat_on(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers) {
  buffers.decisions.clear();
  code_flat_on<V>(shape, covered, buffers, buffers.decisions, [] { return true; });
}

template <class V>
void decode_flat_on(const FlatShape& shape, std::span<const std::uint8_t> covered, FlatBuffers& buffers,
                    DecisionDecoder& decoder) {
  code_flat_on<V>(shape, covered, buffers, decoder, [&] { return !decoder.exhausted(); });
}

}  // namespace vaerans::kernels::VAERANS_EACH_NAMESPACE
