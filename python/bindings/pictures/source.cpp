#include "pictures/source.hpp"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "convert.hpp"
#include "paths.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::python {
namespace {

/// An open file of Python's, which seeks, from where it stands.
class FileOfPython final : public ByteSource {
 public:
  explicit FileOfPython(nb::object file) : file_(std::move(file)) {
    constexpr std::string_view wanted = "tell() and seek() of an open file give a place, a whole number";
    begin_ = value_as<std::uint64_t>(file_.attr("tell")(), wanted);
    const auto end = value_as<std::uint64_t>(file_.attr("seek")(0, 2), wanted);
    size_ = end - std::min(begin_, end);
  }
  FileOfPython(const FileOfPython&) = delete;
  FileOfPython& operator=(const FileOfPython&) = delete;
  ~FileOfPython() override {
    const nb::gil_scoped_acquire gil;
    file_.reset();
  }
  std::uint64_t size() override { return size_; }
  void read(std::uint64_t offset, std::span<std::uint8_t> out) override {
    const nb::gil_scoped_acquire gil;
    file_.attr("seek")(begin_ + offset);
    while (!out.empty()) {
      const nb::object got = file_.attr("read")(out.size());
      if (!nb::isinstance<nb::bytes>(got))
        throw Error(ErrorCode::invalid_argument, "a .vrs file is bytes: open it in binary mode, \"rb\"");
      const auto bytes = nb::borrow<nb::bytes>(got);
      if (bytes.size() == 0 || bytes.size() > out.size())
        throw Error(ErrorCode::io, "the open file gave " + std::to_string(bytes.size()) + " bytes where " +
                                       std::to_string(out.size()) + " were asked for");
      std::copy_n(static_cast<const std::uint8_t*>(bytes.data()), bytes.size(), out.begin());
      out = out.subspan(bytes.size());
    }
  }

 private:
  nb::object file_;
  std::uint64_t begin_ = 0, size_ = 0;
};

}  // namespace

std::unique_ptr<ByteSource> source_of(nb::handle data) {
  if (nb::isinstance<nb::bytes>(data)) {
    const auto held = nb::borrow<nb::bytes>(data);
    return memory_source({static_cast<const std::uint8_t*>(held.data()), held.size()});
  }
  if (nb::isinstance<nb::str>(data)) return file_source(path_of(data, "the path of a file"));
  return std::make_unique<FileOfPython>(nb::borrow(data));
}

}  // namespace vaerans::python
