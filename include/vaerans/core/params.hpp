// Parameters as data: what a recipe, a Python call and a file say about a system.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace vaerans {

using ParamValue = std::variant<bool, std::int64_t, double, std::string>;
using ParamList = std::vector<std::pair<std::string, ParamValue>>;

/// Writes a value as a recipe does: true, 4, 0.5, name or 'quoted text'. Doubles round-trip.
[[nodiscard]] std::string to_string(const ParamValue& value);

/// One declared parameter of a system.
struct ParamSpec {
  std::string name;
  ParamValue fallback;       ///< the default; its type is the parameter's type (integers are accepted for doubles)
  std::string doc;           ///< one line: unit and range
  std::uint8_t wire_id = 0;  ///< pinned number in files; 0 = never written to a file (affects encoding only)
};

/// Checked parameters: every declared one has a value.
class Params {
 public:
  /// Throws Error(bad_parameter) for unknown names, wrong types, or one given twice; `system` is for the text.
  Params(std::string_view system, const std::vector<ParamSpec>& specs, const ParamList& given);

  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] const ParamList& all() const noexcept { return values_; }
  /// Those that a recipe shows: the ones that differ from their defaults, and the first if files know it.
  [[nodiscard]] const ParamList& shown() const noexcept { return shown_; }

 private:
  [[nodiscard]] const ParamValue& at(std::string_view name) const;
  ParamList values_, shown_;
};

}  // namespace vaerans
