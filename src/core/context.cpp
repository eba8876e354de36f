#include "vaerans/core/context.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace vaerans {
namespace {

using Json = nlohmann::ordered_json;

Json tensors(const std::vector<TraceTensor>& list) {
  Json out = Json::array();
  for (const auto& t : list) {
    out.push_back({{"key", t.key}, {"dtype", t.dtype}, {"shape", t.shape}, {"bytes", t.bytes}});
    if (t.entropy_at.empty()) continue;
    out.back()["entropy_bits"] = t.entropy_bits;
    out.back()["entropy_at"] = t.entropy_at;
  }
  return out;
}

// JSON has no infinity; a PSNR of equal pictures is written as text.
Json number(double value) {
  if (std::isfinite(value)) return value;
  if (std::isnan(value)) return "nan";
  return value > 0 ? "inf" : "-inf";
}

Json record(const TraceRecord& r) {
  Json values = Json::object();
  for (const auto& [name, value] : r.values) values[name] = number(value);
  return {{"system", r.system},
          {"entities", r.entities},
          {"inputs", tensors(r.inputs)},
          {"outputs", tensors(r.outputs)},
          {"bytes_in", r.bytes_in},
          {"bytes_out", r.bytes_out},
          {"bytes_gathered", r.bytes_gathered},
          {"seconds", r.seconds},
          {"seed", r.seed},
          {"notes", r.notes},
          {"values", values}};
}

}  // namespace

void Trace::add(TraceRecord record) {
  const std::scoped_lock lock(mutex_);
  records_.push_back(std::move(record));
}

std::vector<TraceRecord> Trace::records(std::size_t from) const {
  const std::scoped_lock lock(mutex_);
  return {records_.begin() + static_cast<std::ptrdiff_t>(std::min(from, records_.size())), records_.end()};
}

std::size_t Trace::size() const {
  const std::scoped_lock lock(mutex_);
  return records_.size();
}

void Trace::clear() {
  const std::scoped_lock lock(mutex_);
  records_.clear();
}

std::string to_json(const Trace& trace) {
  Json out = Json::array();
  for (const auto& r : trace.records()) out.push_back(record(r));
  return out.dump(1);
}

}  // namespace vaerans
