#include "vaerans/core/params.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cmath>

#include "base/text/joined.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

constexpr std::string_view kTypeNames[] = {"true or false", "a whole number", "a number", "a text"};
constexpr std::array kTypes = {"flag", "integer", "number", "text"};

// "inf", "NaN" and their like are numbers, too.
bool reads_as_number(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc{} && read.ptr == end;
}

// A bare word must not read back as a number or a flag.
bool is_bare(const std::string& text) {
  const auto bare = [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.' || c == '/'; };
  return !text.empty() && std::isalpha(static_cast<unsigned char>(text[0])) && text != "true" && text != "false" &&
         !reads_as_number(text) && std::all_of(text.begin(), text.end(), bare);
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

// A bound of a range: 100 and not 100.0.
std::string bound_text(double value) {
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  return whole ? std::to_string(static_cast<std::int64_t>(value)) : number_text(value);
}

std::string interval_text(const ParamRange& range) {
  if (range.min && range.max && !range.min_excluded && !range.max_excluded) {
    return bound_text(*range.min) + " to " + bound_text(*range.max);
  }
  std::string out;
  if (range.min) out = (range.min_excluded ? "above " : "at least ") + bound_text(*range.min);
  if (range.max) out += (out.empty() ? "" : " and ");
  if (range.max) out += (range.max_excluded ? "below " : "at most ") + bound_text(*range.max);
  return out;
}

// The one text for a value that does not fit, whether by its type or by its range.
[[noreturn]] void refuse(std::string_view system, const ParamSpec& spec, const ParamValue& value) {
  const std::string range = spec.range.str();
  fail(system, "parameter '" + spec.name + "' is " + std::string(kTypeNames[spec.fallback.index()]) +
                   (range.empty() ? "" : ", " + range) + ", not " + to_string(value) +
                   (spec.doc.empty() ? "" : " (" + spec.doc + ")"));
}

ParamValue converted(std::string_view system, const ParamSpec& spec, const ParamValue& value) {
  ParamValue out = value;
  if (std::holds_alternative<double>(spec.fallback) && std::holds_alternative<std::int64_t>(value)) {
    out = static_cast<double>(std::get<std::int64_t>(value));
  }
  if (out.index() != spec.fallback.index() || !spec.range.contains(out)) refuse(system, spec, value);
  return out;
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

ParamRange ParamRange::from(double least) {
  ParamRange out;
  out.min = least;
  return out;
}

ParamRange ParamRange::above(double bound) {
  ParamRange out = from(bound);
  out.min_excluded = true;
  return out;
}

ParamRange ParamRange::one_of(std::vector<std::string> choices) {
  ParamRange out;
  out.choices = std::move(choices);
  out.text = Text::choice;
  return out;
}

ParamRange ParamRange::key() {
  ParamRange out;
  out.text = Text::key;
  return out;
}

ParamRange ParamRange::model() {
  ParamRange out;
  out.text = Text::model;
  return out;
}

ParamRange ParamRange::up_to(double most) const {
  ParamRange out = *this;
  out.max = most;
  return out;
}

ParamRange ParamRange::below(double bound) const {
  ParamRange out = up_to(bound);
  out.max_excluded = true;
  return out;
}

ParamRange ParamRange::or_else(double value) const {
  ParamRange out = *this;
  out.also = value;
  return out;
}

bool ParamRange::contains(const ParamValue& value) const {
  if (const auto* word = std::get_if<std::string>(&value)) {
    return text != Text::choice || std::find(choices.begin(), choices.end(), *word) != choices.end();
  }
  if (std::holds_alternative<bool>(value) || (!min && !max)) return true;
  const auto* real = std::get_if<double>(&value);
  // NOLINTNEXTLINE(clang-analyzer-core.uninitialized.Assign): a variant holds what its index says
  const double number = real != nullptr ? *real : static_cast<double>(std::get<std::int64_t>(value));
  if (also && number == *also) return true;
  if (min && !(min_excluded ? number > *min : number >= *min)) return false;
  return !max || (max_excluded ? number < *max : number <= *max);
}

std::string ParamRange::str() const {
  switch (text) {
    case Text::choice: return joined(choices, " or ");
    case Text::key: return "a component's key";
    case Text::model: return "a model's name or folder";
    case Text::any: break;
  }
  return (also ? bound_text(*also) + " or " : "") + interval_text(*this);
}

const char* ParamSpec::type() const noexcept { return kTypes[fallback.index()]; }

ParamList shown_of(const std::vector<ParamSpec>& specs, const ParamList& values) {
  ParamList out;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    if (values[i].second != specs[i].fallback || (i == 0 && specs[i].numbered())) out.push_back(values[i]);
  }
  return out;
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
  shown_ = shown_of(specs, values_);
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
