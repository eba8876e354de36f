#include "store/shard/source.hpp"

#include <utility>

#include "store/shard/file.hpp"
#include "store/shard/record.hpp"

namespace vaerans::store {
namespace {

class MappedSource : public ShardSource {
 public:
  explicit MappedSource(const std::string& path) : file_(std::make_shared<const MappedFile>(path)) {}
  [[nodiscard]] std::uint64_t size() const noexcept override { return file_->bytes().size(); }
  [[nodiscard]] StoredBytes read(std::uint64_t offset, std::uint64_t bytes) const override {
    return {file_->part(offset, bytes), file_};
  }

 private:
  std::shared_ptr<const MappedFile> file_;
};

/// Keeps the end of the file, where its index is.
class RemoteSource : public ShardSource {
 public:
  RemoteSource(RemoteFile file, FetchRanges fetch, StoredBytes end)
      : file_(std::move(file)), fetch_(std::move(fetch)), end_(std::move(end)) {}
  [[nodiscard]] std::uint64_t size() const noexcept override { return file_.bytes; }
  [[nodiscard]] StoredBytes read(std::uint64_t offset, std::uint64_t bytes) const override {
    const std::uint64_t kept = file_.bytes - end_.bytes.size();
    if (offset >= kept)
      return {end_.bytes.subspan(static_cast<std::size_t>(offset - kept), static_cast<std::size_t>(bytes)),
              end_.memory};
    const FileRange range{file_.path, offset, bytes};
    return fetch_all({&range, 1}, fetch_).front();
  }

 private:
  RemoteFile file_;
  FetchRanges fetch_;
  StoredBytes end_;
};

}  // namespace

std::vector<StoredBytes> fetch_all(std::span<const FileRange> ranges, const FetchRanges& fetch) {
  if (ranges.empty()) return {};
  auto brought = fetch(ranges);
  if (brought.size() != ranges.size())
    throw Error(ErrorCode::io, "asked for " + std::to_string(ranges.size()) + " parts of files, got " +
                                   std::to_string(brought.size()));
  std::vector<StoredBytes> out;
  out.reserve(ranges.size());
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (brought[i].size() != ranges[i].bytes)
      throw Error(ErrorCode::io, ranges[i].path + ": asked for " + std::to_string(ranges[i].bytes) +
                                     " bytes from byte " + std::to_string(ranges[i].offset) + " on, got " +
                                     std::to_string(brought[i].size()) + "; has the file changed?");
    const auto memory = std::make_shared<const std::vector<std::uint8_t>>(std::move(brought[i]));
    out.push_back({*memory, memory});
  }
  return out;
}

std::shared_ptr<const ShardSource> mapped_source(const std::string& path) {
  return std::make_shared<MappedSource>(path);
}

std::vector<std::shared_ptr<const ShardSource>> remote_sources(std::span<const RemoteFile> files,
                                                               const FetchRanges& fetch) {
  std::vector<FileRange> ends;
  for (const RemoteFile& f : files) {
    const std::uint64_t bytes = std::min<std::uint64_t>(f.bytes, kTrailerBytes);
    ends.push_back({f.path, f.bytes - bytes, bytes});
  }
  const auto trailers = fetch_all(ends, fetch);
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto index = index_offset(trailers[i].bytes, files[i].bytes);
    if (index) ends[i] = {files[i].path, *index, files[i].bytes - *index};
  }
  auto indices = fetch_all(ends, fetch);
  std::vector<std::shared_ptr<const ShardSource>> out;
  for (std::size_t i = 0; i < files.size(); ++i)
    out.push_back(std::make_shared<RemoteSource>(files[i], fetch, std::move(indices[i])));
  return out;
}

}  // namespace vaerans::store
