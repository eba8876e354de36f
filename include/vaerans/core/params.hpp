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

/// Which values of its type a parameter takes: ParamRange::from(0).up_to(32), above(0).below(1), one_of({"a", "b"}).
/// Without any call: all of them.
struct ParamRange {
  /// What a text stands for; the Python classes then take a component type or a path as well.
  enum class Text : std::uint8_t { any, choice, key, model };

  std::optional<double> min{}, max{};
  bool min_excluded = false, max_excluded = false;
  std::optional<double> also{};  ///< a value outside of min…max with a meaning of its own
  std::vector<std::string> choices{};
  Text text = Text::any;

  [[nodiscard]] static ParamRange from(double least);
  [[nodiscard]] static ParamRange above(double bound);
  [[nodiscard]] static ParamRange one_of(std::vector<std::string> choices);
  [[nodiscard]] static ParamRange key();    ///< a component's key
  [[nodiscard]] static ParamRange model();  ///< a model's name or folder
  [[nodiscard]] ParamRange up_to(double most) const;
  [[nodiscard]] ParamRange below(double bound) const;
  [[nodiscard]] ParamRange or_else(double value) const;

  /// NaN is in no range that has a bound.
  [[nodiscard]] bool contains(const ParamValue& value) const;
  /// "0 to 32", "above 0 and at most 100", "0 or 2 to 16", "luma or rgb"; empty where everything is allowed.
  [[nodiscard]] std::string str() const;
};

/// The wire_id of a parameter that is never written to a file, because no decoder needs it.
inline constexpr std::uint8_t never_in_files = 0xFF;

/// One declared parameter of a system.
struct ParamSpec {
  std::string name;
  ParamValue fallback;  ///< the default; its type is the parameter's type (integers are accepted for doubles)
  ParamRange range{};
  std::string doc{};         ///< one line: what it is, in which unit
  std::uint8_t wire_id = 0;  ///< pinned number in files, or never_in_files; 0: systems without a number write its name

  [[nodiscard]] bool numbered() const noexcept { return wire_id != 0 && wire_id != never_in_files; }
  /// "flag", "integer", "number" or "text".
  [[nodiscard]] const char* type() const noexcept;
};

/// What a recipe shows of these values, one for each of `specs`: those that differ from their defaults, and the first
/// one if it has a number in files.
[[nodiscard]] ParamList shown_of(const std::vector<ParamSpec>& specs, const ParamList& values);

/// Checked parameters: every declared one has a value.
class Params {
 public:
  /// Throws Error(bad_parameter) for unknown names, wrong types, values out of range, or one given twice; `system` is
  /// for the text.
  Params(std::string_view system, const std::vector<ParamSpec>& specs, const ParamList& given);

  [[nodiscard]] bool flag(std::string_view name) const;
  [[nodiscard]] std::int64_t integer(std::string_view name) const;
  [[nodiscard]] double number(std::string_view name) const;
  [[nodiscard]] const std::string& text(std::string_view name) const;
  [[nodiscard]] const ParamList& all() const noexcept { return values_; }
  /// Those that a recipe shows: see shown_of().
  [[nodiscard]] const ParamList& shown() const noexcept { return shown_; }

 private:
  [[nodiscard]] const ParamValue& at(std::string_view name) const;
  ParamList values_, shown_;
};

}  // namespace vaerans
