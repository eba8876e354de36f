// coder=context: every coefficient has a distribution of its own, chosen by what is known before it (see
// coding/context/band_context.hpp) under a trained prior. No tables travel.
//
// Side information: u32 CRC-32 of the prior · varint symbol that means zero · u8 operating point · for each channel
// golomb(0) of the positive-first zigzag of its classes' shift (MSB first, padded with zero bits).
// Payload: intervals (kernels/rans/interval_coder.hpp) of all bands: LL, then levels from coarse to fine and in each
// HL, LH, HH; for each the channels in order. A band begins with whether all of it is zero; unless it is, its
// coefficients follow row by row.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <numeric>
#include <utility>
#include <vector>

#include "base/bits.hpp"
#include "base/bytes.hpp"
#include "base/zigzag.hpp"
#include "coding/coder.hpp"
#include "coding/context/context_cost.hpp"
#include "coding/context/context_prior.hpp"
#include "coding/context/context_walk.hpp"
#include "core/subbands.hpp"
#include "core/wire_ids.hpp"
#include "kernels/rans/histogram.hpp"

namespace vaerans {
namespace {

/// What the side information says: everything besides the prior and the symbols.
struct Tuning {
  std::uint32_t zero = 0, point = 0;
  std::array<std::int32_t, ContextPrior::max_channels> shift{};  ///< by which each channel's classes are moved
};

// ---- encoder -----------------------------------------------------------------------------------------------------

/// Codes everything in the reverse of its order.
class Writer {
 public:
  Writer(const CodedBands& bands, const Tuning& tuning, std::span<std::byte> room)
      : bands_(bands), prior_(bands.prior()), tuning_(tuning), out_(room) {}

  void all() {
    bands_.walk().for_each_band(true, [&](const BandVisit& band, bool zero) {
      const std::int32_t bias = prior_.bias_of(band.row, tuning_.point);
      if (!zero) coefficients(bands_.of(band), bias, tuning_.shift[band.channel]);
      out_.push(prior_.zero_band(band.size, bias, band.above, zero));
    });
  }
  /// The size of the stream, which lies at the end of the room; 0 if that was too small.
  [[nodiscard]] std::size_t finish() {
    out_.finish();
    return out_.ok() ? out_.size() : 0;
  }

 private:
  void coefficients(std::span<const CodedBands::Coefficient> all, std::int32_t bias, std::int32_t shift) {
    for (std::size_t i = all.size(); i-- > 0;) {
      const auto& c = all[i];
      put(moved(kernels::class_of_spread(c.spread + bias), shift), c.phase(), c.value());
    }
  }
  // The decoder meets intervals in the opposite order, so a value's last interval is put first.
  void put(std::uint8_t spread_class, std::uint8_t phase, std::int32_t v) {
    const unsigned low_bits = kernels::shift_of_class(spread_class);
    const Distribution& d = prior_.distribution(spread_class, phase);
    const Parts parts = split(d, v, low_bits);
    put_bits(static_cast<std::uint32_t>(v) & ((1U << low_bits) - 1), low_bits);
    if (parts.z == kernels::kEscape) put_escape(positive_first_zigzag(parts.high));
    out_.push(d.interval(parts.z));
  }
  void put_escape(std::uint64_t z) {
    const unsigned width = escape_width(z);
    const std::uint64_t rest = z + 1 - (std::uint64_t{1} << width);
    const unsigned upper = width / 2, lower = width - upper;
    put_bits(static_cast<std::uint32_t>(rest) & ((1U << lower) - 1), lower);
    put_bits(static_cast<std::uint32_t>(rest >> lower), upper);
    put_bits(width, 5);
  }
  void put_bits(std::uint32_t value, unsigned n) {
    if (n != 0) out_.push(kernels::raw_bits(value, n));
  }

  const CodedBands& bands_;
  const ContextPrior& prior_;
  const Tuning& tuning_;
  kernels::IntervalEncoder out_;
};

unsigned shift_bits(std::int32_t shift) { return golomb_bits(positive_first_zigzag(shift), 0); }

/// Moves a channel's classes where that saves more bits than telling the shift costs. Returns the bits of all channels.
std::uint64_t choose_shifts(std::span<const Shifts> costs, Tuning& tuning) {
  std::uint64_t total = 0;
  for (std::size_t channel = 0; channel < costs.size(); ++channel) {
    const Shifts& of_channel = costs[channel];
    std::int32_t best = 0;
    std::uint64_t least = std::numeric_limits<std::uint64_t>::max();
    for (const std::int32_t s : {0, -1, 1, -2, 2}) {
      const std::uint64_t bits = of_channel[index_of_shift(s)] + std::uint64_t{shift_bits(s)} * kBitUnit;
      if (bits >= least) continue;
      least = bits;
      best = s;
    }
    tuning.shift[channel] = best;
    total += least;
  }
  return total;
}

// The most frequent symbol: quantised wavelet coefficients of every use are mostly zero.
template <typename Symbol>
std::uint32_t most_frequent(std::span<const Symbol> symbols, Workspace work) {
  const auto counts = work.take<std::uint32_t>(std::size_t{std::numeric_limits<Symbol>::max()} + 1);
  (void)kernels::histogram(symbols, counts);  // every symbol has a place
  return static_cast<std::uint32_t>(std::ranges::max_element(counts) - counts.begin());
}

void write_side_info(const ContextPrior& prior, const Tuning& tuning, ByteBuffer& side_info) {
  ByteWriter out(std::move(side_info));
  out.u32(prior.id);
  out.varint(tuning.zero);
  out.u8(static_cast<std::uint8_t>(tuning.point));
  BitWriter bits(out.take());
  for (std::uint32_t c = 0; c < prior.channels; ++c) bits.golomb(positive_first_zigzag(tuning.shift[c]), 0);
  side_info = bits.take();
}

// ---- decoder -----------------------------------------------------------------------------------------------------

Tuning read_side_info(std::span<const std::byte> side_info, const ContextPrior& prior, std::uint32_t max_symbol) {
  ByteReader in(side_info, "ans side information");
  if (const std::uint32_t id = in.u32(); id != prior.id) {
    throw Error(ErrorCode::model_mismatch,
                "the stream was coded with another prior than the one in the model's folder; "
                "find the revision of the model that it was made with");
  }
  Tuning out;
  out.zero = static_cast<std::uint32_t>(in.count(max_symbol, "symbol"));
  out.point = in.u8();
  if (out.point >= prior.points) in.corrupt("the operating point is out of range");
  BitReader bits(in.take(in.left()));
  for (std::uint32_t c = 0; c < prior.channels; ++c) {
    const std::uint64_t z = bits.golomb(0);
    if (z > std::uint64_t{2} * kMaxShift) bits.corrupt("a shift of classes is out of range");
    out.shift[c] = static_cast<std::int32_t>(positive_first_unzigzag(z));
  }
  bits.expect_end();
  return out;
}

/// Decodes coefficient by coefficient.
class Reader {
 public:
  Reader(const ContextPrior& prior, const Tuning& tuning, std::span<const std::byte> payload, std::int32_t low,
         std::int32_t high)
      : prior_(prior), tuning_(tuning), in_(payload), low_(low), high_(high) {}

  [[nodiscard]] bool zero_band(const BandVisit& band) {
    const std::int32_t bias = prior_.bias_of(band.row, tuning_.point);
    const kernels::Interval zero = prior_.zero_band(band.size, bias, band.above, true);
    const bool is_zero = in_.slot() < zero.freq;
    in_.advance(is_zero ? zero : prior_.zero_band(band.size, bias, band.above, false));
    return is_zero;
  }
  [[nodiscard]] std::int32_t value(std::uint32_t channel, std::size_t, const kernels::Context& c) {
    const std::uint8_t spread_class = moved(c.spread_class, tuning_.shift[channel]);
    const unsigned low_bits = kernels::shift_of_class(spread_class);
    const std::uint32_t z = symbol(prior_.distribution(spread_class, c.phase));
    std::int64_t v = positive_first_unzigzag(z == kernels::kEscape ? escape() : z);
    v = v * (std::int64_t{1} << low_bits) + bits(low_bits);
    const std::int64_t q = c.center + (c.mirrored ? -v : v);
    if (q < low_ || q > high_ || in_.exhausted()) fail();
    return static_cast<std::int32_t>(q);
  }

  void finish() const {
    if (const auto status = in_.finish(); status != kernels::Status::ok) corrupt(kernels::to_string(status));
  }

 private:
  std::uint32_t symbol(const Distribution& d) {
    const std::uint32_t slot = in_.slot();
    std::uint32_t z = 0;
    while (d.start[z + 1] <= slot) ++z;
    in_.advance(d.interval(z));
    return z;
  }
  /// The positive-first zigzag of a value that its distribution has no place for.
  std::uint64_t escape() {
    const unsigned width = in_.bits(5);
    const unsigned upper = width / 2, lower = width - upper;
    const std::uint64_t high = bits(upper);
    return (std::uint64_t{1} << width | high << lower | bits(lower)) - 1;
  }
  std::uint32_t bits(unsigned n) {
    if (n > kernels::kIntervalBits) {  // only an altered stream says so
      fail();
    }
    return n == 0 ? 0 : in_.bits(n);
  }
  [[noreturn]] void fail() const {
    finish();
    corrupt("a coefficient is out of range");
  }
  [[noreturn]] static void corrupt(const char* what) {
    throw Error(ErrorCode::corrupt_stream, std::string("ans payload (context): ") + what);
  }

  const ContextPrior& prior_;
  const Tuning& tuning_;
  kernels::IntervalDecoder in_;
  std::int32_t low_, high_;
};

/// Decodes, and adds up the distributions on the way.
class Watcher {
 public:
  Watcher(Reader& reader, const ContextPrior& prior, const Tuning& tuning, std::span<const Subband> subbands,
          std::size_t alphabet)
      : reader_(reader), prior_(prior), tuning_(tuning), subbands_(subbands) {
    means_.assign(subbands.size(), std::vector<double>(alphabet));
  }

  [[nodiscard]] bool zero_band(const BandVisit& band) {
    const auto at = [&](const Subband& s) { return s.offset == band.offset && s.size() == band.size; };
    current_ = static_cast<std::size_t>(std::ranges::find_if(subbands_, at) - subbands_.begin());
    const bool zero = reader_.zero_band(band);
    if (zero) means_[current_][tuning_.zero] = static_cast<double>(band.size);
    return zero;
  }
  [[nodiscard]] std::int32_t value(std::uint32_t channel, std::size_t place, const kernels::Context& c) {
    const std::uint8_t spread_class = moved(c.spread_class, tuning_.shift[channel]);
    const Distribution& d = prior_.distribution(spread_class, c.phase);
    const unsigned low_bits = kernels::shift_of_class(spread_class);
    for (std::uint32_t z = 0; z < kernels::kEscape; ++z) {
      if (d.has(z)) add(c, positive_first_unzigzag(z) * (std::int64_t{1} << low_bits), low_bits, d.interval(z).freq);
    }
    const std::int32_t q = reader_.value(channel, place, c);
    if (const Parts parts = split(d, coded_value(c, q), low_bits); parts.z == kernels::kEscape) {
      add_to(q, d.interval(kernels::kEscape).freq);  // what has no place of its own: the escape stands for it
    }
    return q;
  }

  /// Adding up to 1 in every subband that has symbols.
  [[nodiscard]] std::vector<std::vector<double>> means() && {
    for (auto& of_band : means_) {
      const double sum = std::accumulate(of_band.begin(), of_band.end(), 0.0);
      for (double& p : of_band) p = sum > 0 ? p / sum : 0;
      while (!of_band.empty() && of_band.back() == 0) of_band.pop_back();
    }
    return std::move(means_);
  }

 private:
  void add(const kernels::Context& c, std::int64_t first, unsigned low_bits, std::uint32_t freq) {
    const double each = std::ldexp(static_cast<double>(freq), -static_cast<int>(low_bits));
    for (std::int64_t v = first; v < first + (std::int64_t{1} << low_bits); ++v) {
      add_to(c.center + (c.mirrored ? -v : v), each);
    }
  }
  void add_to(std::int64_t q, double weight) {
    auto& of_band = means_[current_];
    const std::int64_t symbol = q + tuning_.zero;
    if (symbol >= 0 && std::cmp_less(symbol, of_band.size())) {
      of_band[static_cast<std::size_t>(symbol)] += weight;
    }
  }

  Reader& reader_;
  const ContextPrior& prior_;
  const Tuning& tuning_;
  std::span<const Subband> subbands_;
  std::vector<std::vector<double>> means_;  ///< [subband][symbol]
  std::size_t current_ = 0;
};

// ---- the coder ---------------------------------------------------------------------------------------------------

class ContextCoder final : public SymbolCoder {
 public:
  [[nodiscard]] std::string_view name() const override { return "context"; }
  [[nodiscard]] std::uint8_t wire_id() const override { return wire::context_coder; }
  [[nodiscard]] bool uses_prior() const override { return true; }
  [[nodiscard]] std::string_view needs() const override {
    return "it needs wavelet bands of a VAE's latents whose model has a context prior for them";
  }
  [[nodiscard]] std::size_t work_bytes(std::span<const Subband> subbands) const override {
    return std::max(ContextWalk::work_bytes(subbands) + CodedBands::work_bytes(subbands),
                    Workspace::bytes<std::uint32_t>(65536));  // for most_frequent()
  }

  [[nodiscard]] bool encode(const SymbolsIn& symbols, const Pyramid& pyramid, Coded& out) const override {
    const ContextPrior* const prior = context_prior(pyramid.prior.get());
    if (prior == nullptr || !fits(*prior, pyramid.subbands)) return false;
    Tuning tuning;
    std::visit([&](auto item) { tuning.zero = most_frequent(item, pyramid.work); }, symbols);
    Workspace work = pyramid.work;
    ContextWalk walk(*prior, pyramid.subbands, work);
    std::visit([&](auto item) { walk.load(item, static_cast<std::int32_t>(tuning.zero)); }, symbols);
    const CodedBands bands(*prior, walk, work);
    tuning.point = best_point(bands);
    ShiftsOfChannels costs;
    cost_of_shifts(bands, tuning.point, costs);
    const std::uint64_t bits = choose_shifts(std::span(costs).first(prior->channels), tuning);
    write_side_info(*prior, tuning, out.side_info);
    std::size_t size = 0;
    for (std::size_t room = bits / kBitUnit / 7 + 256; size == 0; room *= 2) {  // a seventh: the bits are estimated
      out.payload.resize(room);
      Writer writer(bands, tuning, out.payload);
      writer.all();
      size = writer.finish();
    }
    out.payload.erase(out.payload.begin(), out.payload.end() - static_cast<std::ptrdiff_t>(size));
    return true;
  }

  void decode(std::span<const std::byte> side_info, std::span<const std::byte> payload, const Pyramid& pyramid,
              const Limits&, const SymbolsOut& symbols) const override {
    const ContextPrior* const prior = context_prior(pyramid.prior.get());
    if (prior == nullptr || !fits(*prior, pyramid.subbands)) {
      throw Error(ErrorCode::model_mismatch,
                  "the stream was coded with a trained prior, and the model in use has none for it; find the revision "
                  "of the model that it was made with");
    }
    const std::int32_t max_symbol = symbols.index() == 0 ? 255 : 65535;
    const Tuning tuning = read_side_info(side_info, *prior, static_cast<std::uint32_t>(max_symbol));
    const auto zero = static_cast<std::int32_t>(tuning.zero);
    Workspace work = pyramid.work;
    ContextWalk walk(*prior, pyramid.subbands, work);
    Reader reader(*prior, tuning, payload, -zero, max_symbol - zero);
    walk.decode(tuning.point, reader);
    reader.finish();
    std::visit([&](auto item) { walk.store(item, zero); }, symbols);
  }

  [[nodiscard]] std::vector<std::vector<double>> distributions(std::span<const std::byte> side_info,
                                                               std::span<const std::byte> payload,
                                                               const Pyramid& pyramid,
                                                               const SymbolsOut& symbols) const override {
    decode(side_info, payload, pyramid, {}, symbols);  // which checks everything
    const ContextPrior& prior = *context_prior(pyramid.prior.get());
    const std::int32_t max_symbol = symbols.index() == 0 ? 255 : 65535;
    const Tuning tuning = read_side_info(side_info, prior, static_cast<std::uint32_t>(max_symbol));
    const auto zero = static_cast<std::int32_t>(tuning.zero);
    Workspace work = pyramid.work;
    ContextWalk walk(prior, pyramid.subbands, work);
    Reader reader(prior, tuning, payload, -zero, max_symbol - zero);
    Watcher watcher(reader, prior, tuning, pyramid.subbands, static_cast<std::size_t>(max_symbol) + 1);
    walk.decode(tuning.point, watcher);
    return std::move(watcher).means();
  }
};

}  // namespace

const SymbolCoder& context_coder() {
  static const ContextCoder coder;
  return coder;
}

}  // namespace vaerans
