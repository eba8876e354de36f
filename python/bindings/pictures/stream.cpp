// What is inside a Bitstream: its probability tables.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <numeric>

#include "convert.hpp"
#include "core/component.hpp"
#include "vaerans/systems/ans.hpp"

namespace vaerans::python {
namespace {

/// The world may hold another component under the key by now; the trail of the old one would then be gone.
const Component& live(const ComponentObject& object) {
  object.world->arena().check(object.data);
  const Component& component = object.world->get(object.entity, object.key);
  if (component.data.offset() == object.data.offset()) return component;
  throw Error(ErrorCode::stale_ref, "'" + object.key + "' was written again since; ask for it again");
}

/// What constriction's Categorical takes: counts / counts.sum(), of at least two symbols.
WriteArray shares(const std::vector<std::uint32_t>& counts) {
  const auto sum = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::uint64_t{0}));
  std::vector<double> values(std::max<std::size_t>(2, counts.size()));
  std::transform(counts.begin(), counts.end(), values.begin(), [sum](auto n) { return static_cast<double>(n) / sum; });
  const std::uint64_t n = values.size();
  return own(std::move(values), {n});
}

/// probs[subband][symbol], from symbol 0 on: the probability of a symbol somewhere in the subband. It is the mean over
/// the subband's parts.
nb::list probs(const StreamInfo& info) {
  std::vector<std::vector<double>> sums(info.model.table_of_subband.size());
  std::vector<double> symbols(sums.size());
  for (const auto& part : info.model.parts) {
    const StreamTables::Table& table = info.model.tables.at(part.table);
    auto& sum = sums.at(part.subband);
    sum.resize(std::max(sum.size(), table.first + table.freq.size()));
    const double weight = static_cast<double>(part.symbols) / static_cast<double>(1ULL << table.precision_bits);
    for (std::size_t i = 0; i < table.freq.size(); ++i) sum[table.first + i] += weight * table.freq[i];
    symbols[part.subband] += static_cast<double>(part.symbols);
  }
  nb::list out;
  for (const auto& counts : info.counts) out.append(shares(counts));
  for (std::size_t i = 0; i < sums.size(); ++i) {
    std::vector<float> values;
    for (const double s : sums[i]) values.push_back(static_cast<float>(s / symbols[i]));
    const std::uint64_t n = values.size();
    out.append(own(std::move(values), {n}));
  }
  return out;
}

}  // namespace

void export_stream(nb::module_& m) {
  nb::class_<StreamTables::Table>(m, "FrequencyTable", "Integer frequencies that sum up to 2**precision_bits.")
      .def_ro("precision_bits", &StreamTables::Table::precision_bits)
      .def_ro("first", &StreamTables::Table::first, "The symbol of freq[0].")
      .def_ro("freq", &StreamTables::Table::freq);
  nb::class_<StreamInfo>(m, "StreamInfo", "What a Bitstream holds.")
      .def_ro("n_symbols", &StreamInfo::n_symbols)
      .def_ro("payload_bytes", &StreamInfo::payload_bytes)
      .def_ro("side_info_bytes", &StreamInfo::side_info_bytes, "Bytes of the tables.")
      .def_ro("coder", &StreamInfo::coder, "Which coder it was; tables are those of coder 'static'.")
      .def_prop_ro(
          "lanes", [](const StreamInfo& i) { return i.model.lanes; }, "Interleaved coder states.")
      .def_prop_ro("tables", [](const StreamInfo& i) { return i.model.tables; })
      .def_prop_ro(
          "table_of_subband", [](const StreamInfo& i) { return i.model.table_of_subband; },
          "Index into tables: where most of its symbols are.")
      .def_prop_ro(
          "parts",
          [](const StreamInfo& i) {
            nb::list out;
            for (const auto& p : i.model.parts) out.append(nb::make_tuple(p.subband, p.table, p.symbols));
            return out;
          },
          "(subband, table, number of symbols): a subband may have parts under different tables.")
      .def_prop_ro("probs", &probs,
                   "An array for each subband: probs[subband][symbol], from symbol 0 on; the mean over its parts.\n"
                   "float32 of coder 'static', float64 of coder 'constriction', nothing of others.");
  m.def(
      "stream_probabilities",
      [](const ComponentObject& c) {
        const Use use(*c.world);
        nb::list out;
        for (auto& of_band : stream_probabilities(*c.world, live(c))) {
          const std::uint64_t n = of_band.size();
          out.append(n == 0 ? nb::object(nb::module_::import_("numpy").attr("zeros")(0))
                            : nb::cast(own(std::move(of_band), {n})));
        }
        return out;
      },
      "bitstream"_a,
      nb::sig("def stream_probabilities(bitstream: Component) -> list[numpy.typing.NDArray[typing.Any]]"),
      "The probabilities that a Bitstream was coded with, an array for each subband, from symbol 0 on.");
  m.def(
      "stream_info",
      [](const ComponentObject& c) {
        const Use use(*c.world);
        return stream_info(live(c));
      },
      "bitstream"_a, "The tables of a Bitstream. Raises ContractError if it did not come from ANSEncode, StaleRef.");
}

}  // namespace vaerans::python
