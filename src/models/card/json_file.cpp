#include "models/card/json_file.hpp"

#include <exception>
#include <utility>

#include "base/files/small_file.hpp"

namespace vaerans::models {
namespace {

using nlohmann::json;

struct TooDeep : std::exception {};

json parse(const std::string& text) {
  return json::parse(text, [](int depth, json::parse_event_t, const json&) {
    if (depth > max_json_depth) throw TooDeep();
    return true;
  });
}

}  // namespace

JsonFile read_json_file(const std::filesystem::path& file, std::uint64_t most) {
  SmallFile read = read_small_file(file, most);
  JsonFile out{{}, std::move(read.bytes), std::move(read.problem)};
  if (!out.problem.empty()) return out;
  try {
    out.root = parse(out.text);
  } catch (const json::exception& problem) {
    out.problem = std::string("it is not valid JSON: ") + problem.what();
  } catch (const TooDeep&) {
    out.problem = "its values are nested more than " + std::to_string(max_json_depth) + " deep";
  }
  return out;
}

}  // namespace vaerans::models
