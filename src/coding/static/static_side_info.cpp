// The side information of coder=static: see static_tables.hpp.
#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "base/zigzag.hpp"
#include "coding/static/static_tables.hpp"
#include "kernels/rans/rans.hpp"

namespace vaerans {
namespace {

enum Kind : std::uint64_t { kNewTable, kOldTable, kExtended, kPlain };

// Orders of Exp-Golomb codes.
constexpr unsigned kRunOrder = 3, kExtraOrder = 2;      // kinds of the subbands
constexpr unsigned kCommonOrder = 6, kCenterOrder = 4;  // centres
constexpr unsigned kFirstOrder = 4, kLengthOrder = 3;   // a table's first symbol and length

unsigned first_order(unsigned precision) { return precision > 2 ? precision - 2 : 0; }

// Walks a table as the side information holds it: number(value, order) for each number that is written.
template <typename Number>
void walk(const SymbolTable& table, Number number) {
  number(table.first, kFirstOrder);
  number(table.freq.size() - 1, kLengthOrder);
  unsigned order = first_order(table.precision_bits);
  for (std::size_t i = 0; i + 1 < table.freq.size(); ++i) {
    number(table.freq[i], order);
    order = golomb_order_after(table.freq[i]);
    if (table.freq[i] != 0) continue;
    std::size_t zeros = 0;
    while (table.freq[i + 1] == 0) ++zeros, ++i;
    number(zeros, 0U);
  }
}

// Bits that a table's number takes where there are so many tables.
unsigned index_bits(std::uint32_t tables) {
  return tables == 0 ? 0 : static_cast<unsigned>(std::bit_width(tables - 1));
}

bool has_center(const StaticEntropyModel& model, const Subband& s) {
  return model.own_centers || s.orientation == Orientation::LL;
}

RecycledVector<std::size_t> used(std::span<const Subband> subbands) {
  RecycledVector<std::size_t> out;
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    if (subbands[i].size() != 0) out.push_back(i);
  }
  return out;
}

bool is_plain(const SubbandModel& m) { return m.parametric() && m.extra == 0; }

// Whether kinds are written as runs of plain subbands.
bool mostly_plain(const StaticEntropyModel& model, std::span<const std::size_t> used) {
  const auto plain = std::ranges::count_if(used, [&](std::size_t i) { return is_plain(model.subbands[i]); });
  return 2 * static_cast<std::size_t>(plain) > used.size();
}

// ---- writing -----------------------------------------------------------------------------------------------------

void write_kind(BitWriter& out, const SubbandModel& m, std::uint32_t& tables) {
  if (m.parametric()) {
    out.golomb(m.extra == 0 ? kPlain : kExtended, 0);
    if (m.extra != 0) out.golomb(m.extra - 1, kExtraOrder);
  } else if (m.table == tables) {
    out.golomb(kNewTable, 0);
    ++tables;
  } else {
    out.golomb(kOldTable, 0);
    out.bits(m.table, index_bits(tables));
  }
}

void write_kinds(BitWriter& out, const StaticEntropyModel& model, std::span<const std::size_t> used) {
  const bool runs = mostly_plain(model, used);
  out.bits(runs ? 1 : 0, 1);
  std::uint64_t run = 0;
  std::uint32_t tables = 0;
  for (const std::size_t i : used) {
    const SubbandModel& m = model.subbands[i];
    if (runs && is_plain(m)) {
      ++run;
      continue;
    }
    if (runs) out.golomb(std::exchange(run, 0), kRunOrder);
    write_kind(out, m, tables);
  }
  if (run != 0) out.golomb(run, kRunOrder);
}

void write_map(BitWriter& out, const ActivityMap& map) {
  out.bits(map.log2_cell != 0 ? 1 : 0, 1);
  if (map.log2_cell == 0) return;
  out.bits(map.log2_cell - 1, 3);
  for (std::size_t at = 0; at < map.offset.size(); ++at) {
    out.golomb(zigzag(map.offset[at] - predicted_offset(map, at)), 0);
  }
}

void write_parameters(BitWriter& out, const StaticEntropyModel& model, std::span<const Subband> subbands,
                      std::span<const std::size_t> used) {
  const auto parametric = [&](std::size_t i) { return model.subbands[i].parametric(); };
  const auto first = std::ranges::find_if(used, parametric);
  if (first == used.end()) return;
  out.bits(model.precision_bits - kMinSpreadPrecision, 3);
  out.golomb(model.center, kCommonOrder);
  out.bits(model.own_centers ? 1 : 0, 1);
  out.bits(model.class_order, 2);
  out.bits(model.own_shapes ? 1 : 0, 1);
  if (!model.own_shapes) out.bits(model.subbands[*first].spread.shape, 2);
  write_map(out, model.map);
  const ClassPredictor predictor(subbands);
  for (const std::size_t i : used) {
    const SubbandModel& m = model.subbands[i];
    if (!m.parametric()) continue;
    if (has_center(model, subbands[i])) out.golomb(zigzag(std::int64_t{m.center} - model.center), kCenterOrder);
    out.golomb(zigzag(std::int64_t{m.spread.spread_class} - predictor.predict(i, model.subbands)), model.class_order);
    if (model.own_shapes) out.bits(m.spread.shape, 2);
  }
}

// ---- reading -----------------------------------------------------------------------------------------------------

// room: how many symbols it may have at most.
SymbolTable read_table(BitReader& in, std::uint64_t max_symbol, const Limits& limits, std::uint64_t room) {
  SymbolTable table;
  table.precision_bits = static_cast<unsigned>(in.bits(5));
  if (table.precision_bits > kernels::kMaxPrecision) in.corrupt("a table is more precise than 16 bits");
  const std::uint64_t first = in.golomb(kFirstOrder);
  const std::uint64_t size = in.golomb(kLengthOrder) + 1;
  if (size > limits.max_alphabet)
    throw Error(ErrorCode::limit_exceeded,
                "ans side information: a table of " + std::to_string(size) + " symbols is over the limit");
  if (size > room)
    throw Error(ErrorCode::limit_exceeded,
                "ans side information: its tables have more symbols in all than " + std::to_string(kMaxTableSymbols));
  if (first + size - 1 > max_symbol) in.corrupt("a table has symbols that the data cannot hold");
  table.first = static_cast<std::uint32_t>(first);
  table.freq.resize(size);
  std::uint64_t left = std::uint64_t{1} << table.precision_bits;
  unsigned order = first_order(table.precision_bits);
  bool after_zeros = false;
  for (std::size_t i = 0; i + 1 < size; ++i) {
    const std::uint64_t freq = in.golomb(order);
    if (freq >= left) in.corrupt("the frequencies of a table exceed their sum");
    if (freq == 0 && after_zeros) in.corrupt("a run of zeros is cut in two");
    left -= freq;
    table.freq[i] = static_cast<std::uint32_t>(freq);
    order = golomb_order_after(table.freq[i]);
    after_zeros = freq == 0;
    if (freq != 0) continue;
    const std::uint64_t zeros = in.golomb(0);
    if (zeros >= size - 1 - i) in.corrupt("a run of zeros leaves its table");
    i += zeros;
  }
  table.freq.back() = static_cast<std::uint32_t>(left);
  if (table.freq.front() == 0) in.corrupt("a table starts with a symbol that does not occur");
  return table;
}

void read_kind(BitReader& in, SubbandModel& m, bool runs, std::uint64_t max_symbol, std::uint32_t& tables) {
  const std::uint64_t kind = in.golomb(0);
  if (kind > kPlain) in.corrupt("a subband is of no known kind");
  if (kind == kPlain && runs) in.corrupt("a run of subbands goes on behind its end");
  if (kind == kPlain) return;
  if (kind == kExtended) {
    const std::uint64_t extra = in.golomb(kExtraOrder) + 1;
    if (extra > max_symbol) in.corrupt("a table has symbols that the data cannot hold");
    m.extra = static_cast<std::uint32_t>(extra);
    return;
  }
  if (kind == kNewTable) {
    m.table = tables++;
    return;
  }
  m.table = static_cast<std::uint32_t>(in.bits(index_bits(tables)));
  if (m.table >= tables) in.corrupt("a subband uses a table that is not there");
}

// Returns the number of explicit tables.
std::uint32_t read_kinds(BitReader& in, StaticEntropyModel& model, std::span<const std::size_t> used,
                         std::uint64_t max_symbol) {
  std::uint32_t tables = 0;
  const bool runs = in.bits(1) != 0;
  for (std::size_t at = 0; at < used.size(); ++at) {
    if (runs) {
      const std::uint64_t run = in.golomb(kRunOrder);
      if (run > used.size() - at) in.corrupt("there are more kinds than subbands");
      at += run;
    }
    if (at < used.size()) read_kind(in, model.subbands[used[at]], runs, max_symbol, tables);
  }
  if (runs != mostly_plain(model, used)) in.corrupt("the kinds of the subbands are not in their shortest form");
  return tables;
}

void read_map(BitReader& in, std::span<const Subband> subbands, ActivityMap& map) {
  if (in.bits(1) == 0) return;
  const auto log2_cell = static_cast<unsigned>(in.bits(3)) + 1;
  set_grid(subbands, log2_cell, map);
  if (map.log2_cell == 0) in.corrupt("an activity map has too many cells");
  for (std::size_t at = 0; at < map.offset.size(); ++at) {
    const std::int64_t offset = unzigzag(in.golomb(0)) + predicted_offset(map, at);
    if (offset < -kMaxOffset || offset > kMaxOffset) in.corrupt("an offset of the activity map is out of range");
    map.offset[at] = static_cast<std::int8_t>(offset);
  }
}

std::uint32_t bounded(BitReader& in, std::int64_t value, std::int64_t limit, const char* what) {
  if (value < 0 || value > limit) in.corrupt(what);
  return static_cast<std::uint32_t>(value);
}

void read_parameters(BitReader& in, StaticEntropyModel& model, std::span<const Subband> subbands,
                     std::span<const std::size_t> used, std::int64_t max_symbol) {
  const auto parametric = [&](std::size_t i) { return model.subbands[i].parametric(); };
  if (std::ranges::none_of(used, parametric)) return;
  model.precision_bits = kMinSpreadPrecision + static_cast<unsigned>(in.bits(3));
  model.center =
      bounded(in, static_cast<std::int64_t>(in.golomb(kCommonOrder)), max_symbol, "a centre is out of range");
  model.own_centers = in.bits(1) != 0;
  model.class_order = static_cast<unsigned>(in.bits(2));
  model.own_shapes = in.bits(1) != 0;
  std::uint32_t shape = model.own_shapes ? 0 : static_cast<std::uint32_t>(in.bits(2));
  read_map(in, subbands, model.map);
  const ClassPredictor predictor(subbands);
  for (const std::size_t i : used) {
    SubbandModel& m = model.subbands[i];
    if (!m.parametric()) continue;
    const std::int64_t from_center = has_center(model, subbands[i]) ? unzigzag(in.golomb(kCenterOrder)) : 0;
    m.center = bounded(in, model.center + from_center, max_symbol, "a centre is out of range");
    const std::int64_t from_class = unzigzag(in.golomb(model.class_order));
    m.spread.spread_class = bounded(in, predictor.predict(i, model.subbands) + from_class, kSpreadClasses - 1,
                                    "a class of spread is out of range");
    if (model.own_shapes) shape = static_cast<std::uint32_t>(in.bits(2));
    m.spread.shape = shape;
  }
}

}  // namespace

// ---- predictions ---------------------------------------------------------------------------------------------------

void set_grid(std::span<const Subband> subbands, unsigned log2_cell, ActivityMap& map) {
  std::uint64_t h = 0, w = 0;
  for (const Subband& s : subbands) {
    h = std::max<std::uint64_t>(h, s.h);
    w = std::max<std::uint64_t>(w, s.w);
  }
  const std::uint64_t side = std::uint64_t{1} << log2_cell;
  const std::uint64_t rows = (h + side - 1) / side, cols = (w + side - 1) / side;
  map = {};
  if (rows == 0 || cols == 0 || rows > kMaxCells || cols > kMaxCells || rows * cols > kMaxCells) return;
  map.log2_cell = log2_cell;
  map.rows = static_cast<std::uint32_t>(rows);
  map.cols = static_cast<std::uint32_t>(cols);
  map.offset.assign(rows * cols, 0);
}

std::int32_t predicted_offset(const ActivityMap& map, std::size_t at) noexcept {
  const std::size_t x = at % map.cols;
  if (at < map.cols) return x == 0 ? 0 : map.offset[at - 1];
  if (x == 0) return map.offset[at - map.cols];
  return (map.offset[at - map.cols] + map.offset[at - 1]) / 2;
}

// One pass that keeps, by level and band, what came last in the channel before and in this one.
ClassPredictor::ClassPredictor(std::span<const Subband> subbands) : links_(subbands.size()), subbands_(subbands) {
  constexpr std::size_t bands = 4, levels = 256;
  RecycledVector<std::size_t> before(bands * (levels + 1), kNone), here(before);
  for (std::size_t i = 0; i < subbands.size(); ++i) {
    const Subband& s = subbands[i];
    if (i > 0 && s.channel != subbands[i - 1].channel) {
      std::swap(before, here);
      std::ranges::fill(here, kNone);
    }
    const std::size_t at = s.level * bands + static_cast<std::size_t>(s.orientation);
    links_[i] = {before[at], here[at + bands]};
    here[at] = i;
  }
}

std::uint32_t ClassPredictor::predict(std::size_t i, std::span<const SubbandModel> models) const {
  constexpr std::int64_t octave = 4;
  const auto known = [&](std::size_t j) { return j != kNone && subbands_[j].size() != 0 && models[j].parametric(); };
  const auto spread_class = [&](std::size_t j) { return std::int64_t{models[j].spread.spread_class}; };
  const auto [left, parent] = links_[i];
  std::int64_t guess = 32;
  if (known(left)) {
    guess = spread_class(left);
    const std::size_t corner = links_[left].parent;
    if (known(parent) && known(corner)) guess += spread_class(parent) - spread_class(corner);
  } else if (known(parent)) {
    guess = spread_class(parent) - octave;
  } else if (i > 0 && known(i - 1)) {
    guess = spread_class(i - 1);
  }
  return static_cast<std::uint32_t>(std::clamp<std::int64_t>(guess, 0, kSpreadClasses - 1));
}

// ---- the side information ------------------------------------------------------------------------------------------

std::uint64_t table_bits(const SymbolTable& table) {
  std::uint64_t bits = 5;
  walk(table, [&](std::uint64_t value, unsigned order) { bits += golomb_bits(value, order); });
  return bits;
}

ByteBuffer write_model(const StaticEntropyModel& model, std::span<const Subband> subbands, ByteBuffer memory) {
  const auto with_symbols = used(subbands);
  memory.clear();
  BitWriter out(std::move(memory));
  out.bits(static_cast<unsigned>(std::countr_zero(model.lanes)), 3);
  write_kinds(out, model, with_symbols);
  write_parameters(out, model, subbands, with_symbols);
  for (const auto& table : model.tables) {
    out.bits(table.precision_bits, 5);
    walk(table, [&](std::uint64_t value, unsigned order) { out.golomb(value, order); });
  }
  return out.take();
}

StaticEntropyModel read_model(std::span<const std::byte> side_info, std::span<const Subband> subbands,
                              std::uint64_t max_symbol, const Limits& limits) {
  const auto with_symbols = used(subbands);
  BitReader in(side_info);
  StaticEntropyModel out;
  out.lanes = 1U << in.bits(3);
  if (out.lanes > kernels::kMaxLanes) in.corrupt("a stream has at most 64 lanes");
  out.subbands.resize(subbands.size());
  const std::uint32_t tables = read_kinds(in, out, with_symbols, max_symbol);
  read_parameters(in, out, subbands, with_symbols, static_cast<std::int64_t>(max_symbol));
  std::uint64_t room = kMaxTableSymbols;
  for (std::uint32_t t = 0; t < tables; ++t) {
    out.tables.push_back(read_table(in, max_symbol, limits, room));
    room -= out.tables.back().freq.size();
  }
  in.expect_end();
  return out;
}

}  // namespace vaerans
