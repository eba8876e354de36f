// What is inside a Bitstream: its probability tables.
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "component.hpp"
#include "convert.hpp"
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

/// probs[symbol], from symbol 0 on.
WriteArray probabilities(const StreamTables::Table& table) {
  std::vector<float> values(table.first, 0.0F);
  for (const auto freq : table.freq) {
    values.push_back(static_cast<float>(freq) / static_cast<float>(1ULL << table.precision_bits));
  }
  const std::uint64_t n = values.size();
  return own(std::move(values), {n});
}

/// Of a symbol anywhere in a section: the mean over its parts.
nb::list probs(const StreamInfo& info) {
  nb::list out;
  for (const auto index : info.model.table_of_section) out.append(probabilities(info.model.tables.at(index)));
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
      .def_ro("record_bytes", &StreamInfo::record_bytes, "Of the tables.")
      .def_ro("coder", &StreamInfo::coder, "Which coder it was; tables are those of coder 'static'.")
      .def_prop_ro(
          "lanes", [](const StreamInfo& i) { return i.model.lanes; }, "Interleaved coder states.")
      .def_prop_ro("tables", [](const StreamInfo& i) { return i.model.tables; })
      .def_prop_ro(
          "table_of_section", [](const StreamInfo& i) { return i.model.table_of_section; }, "Index into tables.")
      .def_prop_ro("probs", &probs, "An array for each section: probs[section][symbol], from symbol 0 on.");
  m.def(
      "stream_info", [](const ComponentObject& c) { return stream_info(live(c)); }, "bitstream"_a,
      "The tables of a Bitstream. Raises ContractError if it did not come from ANSEncode, StaleRef.");
}

}  // namespace vaerans::python
