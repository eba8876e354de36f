// Finding and opening the ONNX Runtime library. No ONNX Runtime type is named here.
#pragma once

#include <span>
#include <string>
#include <vector>

namespace vaerans::onnx {

/// A library to try: a file, a folder that holds one, or a bare name for the system's loader.
struct Candidate {
  std::string path;
  std::string origin;     ///< who asked for it, for error texts: "VAERANS_ORT_LIBRARY"
  bool required = false;  ///< asked for by name: if it cannot be used, nothing else is tried
};

/// In order: set_runtime_library, VAERANS_ORT_LIBRARY, candidates of packages, folders of this build, Python's
/// site-packages (the active virtual environment, the user's), the system's library.
[[nodiscard]] std::vector<Candidate> runtime_candidates();

/// An opened library; it is never closed.
struct Library {
  const void* api = nullptr;  ///< OrtApi of the version that this code was compiled against
  std::string path, version;
};

/// Opens the first candidate that can be used; throws Error(runtime_not_found) with what was tried and what to do.
[[nodiscard]] Library open_library(std::span<const Candidate> candidates);

}  // namespace vaerans::onnx
