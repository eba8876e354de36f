#include "onnx/graph/file.hpp"

#include <algorithm>
#include <system_error>

#include "base/hash.hpp"
#include "onnx/graph/scan.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::onnx {
namespace {

namespace fs = std::filesystem;

/// Graphs come from elsewhere: they must not make us read other files of this machine.
void check_location(const fs::path& graph, const std::string& location) {
  const fs::path path = location;
  const bool inside = !location.empty() && path.is_relative() &&
                      std::none_of(path.begin(), path.end(), [](const fs::path& step) { return step == ".."; });
  if (inside) return;
  throw Error(ErrorCode::model_invalid, graph.string() + ": it wants weights from '" + location +
                                            "', which is not in its own folder. Export it again.");
}

/// Whether `path` lies in `folder` or below it; both without symbolic links.
bool is_below(const fs::path& path, const fs::path& folder) {
  return !folder.empty() && std::ranges::mismatch(folder, path).in1 == folder.end();
}

/// Symbolic links must not lead out of the folder either, but for the folder that the graph itself is linked from: the
/// cache of Hugging Face's tools holds graph and weights side by side and links to both.
void check_links(const fs::path& graph, const fs::path& weights) {
  std::error_code error;
  const fs::path target = fs::canonical(weights, error);
  const fs::path folder = fs::canonical(graph.parent_path().empty() ? fs::path(".") : graph.parent_path(), error);
  const fs::path origin = fs::canonical(graph, error).parent_path();
  if (is_below(target, folder) || is_below(target, origin)) return;
  throw Error(ErrorCode::model_invalid, graph.string() + ": its weights '" + weights.filename().string() +
                                            "' are a link that leads out of its folder, to " + target.string() +
                                            ". Copy the file there instead.");
}

}  // namespace

fs::path external_path(const GraphFile& graph, const ExternalFile& file) {
  return fs::path(graph.path).parent_path() / file.location;
}

GraphFile read_graph_file(const fs::path& file) {
  const GraphFacts facts = scan_graph(file);
  GraphFile graph{file.string(), file_sha256(file), {}, {}};
  graph.half = facts.half;
  graph.receptive_field = receptive_field_of(facts);
  for (const std::string& location : facts.external) {
    check_location(file, location);
    const fs::path path = external_path(graph, {location, {}});
    std::error_code error;
    if (!fs::is_regular_file(path, error)) {
      throw Error(ErrorCode::model_invalid,
                  file.string() + ": its weights are in the file '" + location +
                      "' beside it, which is missing. Copy it there: the graph cannot be run without.");
    }
    check_links(file, path);
    graph.external.push_back({location, file_sha256(path)});
  }
  return graph;
}

std::string weights_hash(const GraphFile& graph) {
  if (graph.external.empty()) return graph.sha256;
  std::string text = graph.sha256 + "\n";
  for (const ExternalFile& file : graph.external) text += file.location + " " + file.sha256 + "\n";
  return text_sha256(text);
}

std::string graph_stamp(const GraphFile& graph) {
  std::string stamp = graph.path.empty() ? std::string("-") : file_stamp(graph.path);
  for (const ExternalFile& file : graph.external) stamp += "|" + file_stamp(external_path(graph, file));
  return stamp;
}

}  // namespace vaerans::onnx
