#include "vaerans/core/params.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>

#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

constexpr std::string_view kTypeNames[] = {"true or false", "a whole number", "a number", "a text"};

bool is_bare(const std::string& text) {
  const auto bare = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == '/'; };
  // A bare word must not read back as a number or a flag.
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) && text != "true" && text != "false" &&
         text != "inf" && text != "nan" && std::all_of(text.begin(), text.end(), bare);
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string number_text(double value) {
  char buffer[32];
  const auto* const end = std::to_chars(buffer, buffer + sizeof buffer, value).ptr;
  std::string text(static_cast<const char*>(buffer), end);
  // "1" would read back as an integer; a double keeps its point.
  if (text.find_first_of(".einf") == std::string::npos) text += ".0";
  return text;
}

[[noreturn]] void fail(std::string_view system, const std::string& what) {
  throw Error(ErrorCode::bad_parameter, std::string(system) + ": " + what);
}

std::string names_of(const std::vector<ParamSpec>& specs) {
  std::string out;
  for (const auto& s : specs) out += (out.empty() ? "" : ", ") + s.name;
  return out.empty() ? "none" : out;
}

ParamValue converted(std::string_view system, const ParamSpec& spec, const ParamValue& value) {
  if (value.index() == spec.fallback.index()) return value;
  if (std::holds_alternative<double>(spec.fallback) && std::holds_alternative<std::int64_t>(value)) {
    return static_cast<double>(std::get<std::int64_t>(value));
  }
  fail(system, "parameter '" + spec.name + "' is " + std::string(kTypeNames[spec.fallback.index()]) + " (" + spec.doc +
                   "), not " + to_string(value));
}

}  // namespace

std::string to_string(const ParamValue& value) {
  struct Writer {
    std::string operator()(bool v) const { return v ? "true" : "false"; }
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return number_text(v); }
    std::string operator()(const std::string& v) const { return is_bare(v) ? v : quoted(v); }
  };
  return std::visit(Writer{}, value);
}

Params::Params(std::string_view system, const std::vector<ParamSpec>& specs, const ParamList& given) {
  for (const auto& spec : specs) values_.emplace_back(spec.name, spec.fallback);
  std::vector<bool> seen(specs.size());
  for (const auto& [name, value] : given) {
    const auto spec = std::find_if(specs.begin(), specs.end(), [&](const ParamSpec& s) { return s.name == name; });
    if (spec == specs.end()) fail(system, "no parameter '" + name + "'; there are: " + names_of(specs));
    const auto i = static_cast<std::size_t>(spec - specs.begin());
    if (seen[i]) fail(system, "parameter '" + name + "' is given twice");
    seen[i] = true;
    values_[i].second = converted(system, *spec, value);
  }
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (values_[i].second != specs[i].fallback || (i == 0 && specs[i].wire_id != 0)) shown_.push_back(values_[i]);
  }
}

const ParamValue& Params::at(std::string_view name) const {
  for (const auto& [key, value] : values_) {
    if (key == name) return value;
  }
  throw Error(ErrorCode::internal, "a system reads the parameter '" + std::string(name) + "' that it does not declare");
}

bool Params::flag(std::string_view name) const { return std::get<bool>(at(name)); }
std::int64_t Params::integer(std::string_view name) const { return std::get<std::int64_t>(at(name)); }
double Params::number(std::string_view name) const { return std::get<double>(at(name)); }
const std::string& Params::text(std::string_view name) const { return std::get<std::string>(at(name)); }

}  // namespace vaerans
