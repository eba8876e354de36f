// GraphFile from a path: the file is looked through, and it is hashed together with the weights beside it.
#pragma once

#include <filesystem>
#include <string>

#include "onnx/session.hpp"

namespace vaerans::onnx {

/// Throws Error(model_invalid) for what scan_graph refuses, and where external weights are missing or not below the
/// graph's own folder.
[[nodiscard]] GraphFile read_graph_file(const std::filesystem::path& file);

/// What identifies the weights: the file's SHA-256 or, where some lie outside, that of the text
/// "<sha256>\n" {"<location> <sha256>\n"}.
[[nodiscard]] std::string weights_hash(const GraphFile& graph);

/// Where a file beside the graph lies.
[[nodiscard]] std::filesystem::path external_path(const GraphFile& graph, const ExternalFile& file);

/// Changes when the graph or a file beside it does, as far as can be told without reading them.
[[nodiscard]] std::string graph_stamp(const GraphFile& graph);

}  // namespace vaerans::onnx
