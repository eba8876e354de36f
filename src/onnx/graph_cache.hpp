// Optimised graphs on disk. ONNX Runtime takes most of a session's loading time for optimising the graph; what it makes
// is kept here and loaded as it is the next time.
//
// Folder: VAERANS_GRAPH_CACHE ("off": nothing is kept), else $XDG_CACHE_HOME/vaerans/graphs, else
// ~/.cache/vaerans/graphs. A file is named by the SHA-256 of all that decides its contents: the graph and the weights
// beside it, ONNX Runtime's version, the options and the processor (optimised graphs hold layouts of one instruction
// set). It is an ONNX file whose last field, a doc_string, holds its size and the SHA-256 of the key and the graph, so
// that ONNX Runtime can map it from disk and no other graph can stand in its place. Nothing is read or kept where the
// folder or a file belongs to somebody else, or others may write to it. Files appear by renaming: any number of
// processes may share the folder; one that is damaged is made again.
// Together they take at most graph_cache_bytes; the least recently used go first.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace vaerans::onnx {

inline constexpr std::uint64_t graph_cache_bytes = 1ULL << 30;
/// Larger graphs (with the weights beside them) are not kept: copies of them would crowd out all others.
inline constexpr std::uint64_t graph_cache_file_bytes = graph_cache_bytes / 2;

/// The folder in force; empty: nothing is kept.
[[nodiscard]] std::filesystem::path graph_cache_folder();

/// A place in the cache. No member throws: whatever goes wrong, the graph is loaded without the cache.
class CachedGraph {
 public:
  /// `key`: all that decides the contents. Without a folder nothing is found and nothing kept.
  CachedGraph(const std::filesystem::path& folder, const std::string& key);
  ~CachedGraph();
  CachedGraph(const CachedGraph&) = delete;
  CachedGraph& operator=(const CachedGraph&) = delete;

  /// The graph's file; empty where it is not there, or damaged.
  [[nodiscard]] std::string find() const noexcept;
  /// A file to write the graph to; empty where the folder cannot be written. It is removed unless keep() follows.
  [[nodiscard]] std::string draft() noexcept;
  /// The draft is whole: it takes its place, and old files go where there are too many.
  void keep() noexcept;
  /// What was found could not be used.
  void drop() const noexcept;

 private:
  std::string key_;
  std::filesystem::path file_, draft_;
};

}  // namespace vaerans::onnx
