#include "format/stream_io.hpp"

#include <algorithm>

#include "format/layout.hpp"
#include "vaerans/base/text.hpp"

namespace vaerans {
namespace {

using layout::ValueTag;

// ---- parameters --------------------------------------------------------------------------------------------------

// Texts in files are names. A path would let a file choose which folder of this machine is opened.
bool is_path(const std::string& text) {
  return text.find_first_of("/\\") != std::string::npos || text == "." || text == "..";
}

// What is written can be read: see ByteReader::text() and name_text().
void require_plain(const std::string& text) {
  if (is_plain_text(text) && text.size() <= layout::max_name && !is_path(text)) return;
  throw Error(ErrorCode::bad_parameter,
              "'" + printable(text) +
                  "' cannot stand in a file: a text there is a name, no path, in UTF-8 without control characters, of "
                  "at most " +
                  std::to_string(layout::max_name) + " bytes");
}

void write_value(ByteWriter& out, const ParamValue& value) {
  const auto tag = [&](ValueTag t) { out.u8(static_cast<std::uint8_t>(t)); };
  if (const auto* flag = std::get_if<bool>(&value)) {
    tag(*flag ? ValueTag::yes : ValueTag::no);
  } else if (const auto* whole = std::get_if<std::int64_t>(&value)) {
    tag(ValueTag::integer);
    out.svarint(*whole);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    tag(ValueTag::text);
    require_plain(*text);
    out.text(*text);
  } else {
    const double number = std::get<double>(value);
    const auto narrow = static_cast<float>(number);
    const bool exact = static_cast<double>(narrow) == number;
    tag(exact ? ValueTag::f32 : ValueTag::f64);
    exact ? out.f32(narrow) : out.f64(number);
  }
}

std::string name_text(ByteReader& in) {
  std::string out = in.text(layout::max_name, "a text of");
  if (is_path(out)) in.corrupt("a name that is a path");
  return out;
}

ParamValue read_value(ByteReader& in) {
  switch (const std::uint8_t tag = in.u8(); static_cast<ValueTag>(tag)) {
    case ValueTag::no: return false;
    case ValueTag::yes: return true;
    case ValueTag::integer: return in.svarint();
    case ValueTag::f32: return static_cast<double>(in.f32());
    case ValueTag::f64: return in.f64();
    case ValueTag::text: return name_text(in);
  }
  in.corrupt("unknown kind of value");
}

const ParamSpec& spec_named(const SystemEntry& entry, const std::string& name) {
  const auto spec =
      std::find_if(entry.params.begin(), entry.params.end(), [&](const ParamSpec& s) { return s.name == name; });
  if (spec != entry.params.end()) return *spec;
  throw Error(ErrorCode::contract, entry.name + " has a parameter '" + name + "' that its registration does not list");
}

void write_params(ByteWriter& out, const SystemEntry& entry, const ParamList& params) {
  ParamList kept;
  for (const auto& p : params) {
    if (spec_named(entry, p.first).wire_id != never_in_files) kept.push_back(p);
  }
  out.varint(kept.size());
  for (const auto& [name, value] : kept) {
    if (entry.wire_id == 0) {
      out.text(name);
    } else {
      out.varint(spec_named(entry, name).wire_id);
    }
    write_value(out, value);
  }
}

ParamList read_params(ByteReader& in, const SystemEntry& entry) {
  ParamList out;
  for (std::uint64_t n = in.count(layout::max_params, "a number of parameters of"); n > 0; --n) {
    std::string name;
    if (entry.wire_id == 0) {
      name = in.text(layout::max_name, "a name of");
    } else {
      const std::uint64_t id = in.varint();
      const auto spec = std::find_if(entry.params.begin(), entry.params.end(),
                                     [&](const ParamSpec& s) { return s.numbered() && s.wire_id == id; });
      if (spec == entry.params.end()) in.corrupt(entry.name + " has no parameter number " + std::to_string(id));
      name = spec->name;
    }
    ParamValue value = read_value(in);
    out.emplace_back(std::move(name), std::move(value));
  }
  return out;
}

// ---- steps -------------------------------------------------------------------------------------------------------

void write_step(ByteWriter& out, const StoredStep& step) {
  const SystemEntry entry = find_system(step.system->contract().name);
  out.varint(entry.wire_id);
  if (entry.wire_id == 0) out.text(entry.name);
  write_params(out, entry, step.system->params());
  out.varint(step.side_info.size());
  out.raw(step.side_info);
}

StoredStep read_step(ByteReader& in, const Limits& limits) {
  const std::size_t begin = in.at();
  const std::uint64_t id = in.varint();
  if (id > 0xFFFF) in.corrupt("a system number over 65535");
  const SystemEntry entry =
      id == 0 ? find_system(in.text(layout::max_name, "a name of")) : find_system(static_cast<std::uint16_t>(id));
  const ParamList params = read_params(in, entry);
  StoredStep out;
  const std::uint64_t side_info = in.count(limits.max_file_bytes, "side information of");
  out.bytes = in.at() - begin;
  out.side_info = in.take(side_info);
  out.system = entry.make(Params(entry.name, entry.params, params));
  if (out.system->contract().role != Role::forward) in.corrupt(entry.name + " cannot be a step of a file");
  return out;
}

}  // namespace

std::string StoredStream::recipe() const {
  std::string out;
  for (const auto& step : steps) out += (out.empty() ? "" : " | ") + step.system->recipe();
  return out;
}

void write_stream(ByteWriter& out, const StoredStream& stream) {
  out.varint(stream.steps.size());
  for (const auto& step : stream.steps) write_step(out, step);
  out.raw(stream.payload);
}

std::vector<StoredStep> read_steps(ByteReader& in, const Limits& limits) {
  std::vector<StoredStep> out;
  const std::uint64_t steps = in.count(limits.max_steps, "a number of steps of");
  if (steps == 0) in.corrupt("a stream without steps");
  for (std::uint64_t i = 0; i < steps; ++i) out.push_back(read_step(in, limits));
  return out;
}

StoredStream read_stream(ByteReader& in, const Limits& limits) {
  StoredStream out;
  out.steps = read_steps(in, limits);
  if (in.left() == 0) in.corrupt("a stream without a payload");
  out.payload = in.take(in.left());
  return out;
}

}  // namespace vaerans
