// Pictures row by row. vaerans_ecs/rows.py gives RowReader and RowWriter their Python face.
#include "vaerans/rows.hpp"

#include <nanobind/stl/optional.h>
#include <nanobind/stl/shared_ptr.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "convert.hpp"
#include "core/context.hpp"
#include "pictures/image_arrays.hpp"
#include "pictures/picture.hpp"
#include "pictures/source.hpp"

namespace vaerans::python {
namespace {

/// Holds a reader or writer for the calling thread: the interpreter is let go while it works.
class Turn {
 public:
  Turn(std::atomic_flag& busy, const char* what) : busy_(busy) {
    if (busy_.test_and_set())
      throw Error(ErrorCode::invalid_argument,
                  std::string("this ") + what + " is at work in another thread; use it in one at a time");
  }
  ~Turn() { busy_.clear(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  std::atomic_flag& busy_;
};

// The context outlives the reader or writer, which fills its trace.

struct WriterObject {
  ContextPtr context;
  RowWriter writer;
  std::atomic_flag busy{};
};

/// A reader with what it reads from: bytes, the text of a path, or an open file.
struct ReaderObject {
  ReaderObject(nb::handle data, ContextPtr filled)
      : context(std::move(filled)), keep(nb::borrow(data)), source(source_of(data)) {
    const Context policy = context_of(context);
    const nb::gil_scoped_release no_gil;
    reader.emplace(*source, policy);
  }
  ContextPtr context;
  nb::object keep;  ///< bytes that the source reads in place
  std::unique_ptr<ByteSource> source;
  std::optional<RowReader> reader;
  std::atomic_flag busy{};
};

nb::tuple shape_of_kind(const PictureKind& kind) {
  if (kind.channels == 1) return nb::make_tuple(kind.height, kind.width);
  return nb::make_tuple(kind.height, kind.width, kind.channels);
}

using Metadata = std::tuple<nb::bytes, nb::bytes, nb::bytes>;

Bytes copy_of(const nb::bytes& data) {
  const auto* const first = static_cast<const std::uint8_t*>(data.data());
  return {first, first + data.size()};
}

RowWriter writer_of(const std::vector<std::uint64_t>& shape, nb::handle dtype, std::int64_t max_error, int bits,
                    const Metadata& said, std::int64_t effort, std::optional<double> quality,
                    const ContextPtr& context) {
  if (shape.size() != 2 && shape.size() != 3)
    throw Error(ErrorCode::shape, "a picture is (height, width) or (height, width, channels)");
  const std::uint64_t channels = shape.size() == 3 ? shape[2] : 1;
  if (channels == 0 || channels > 4) throw Error(ErrorCode::shape, "a picture has one to four channels");
  RowOptions options{max_error,
                     bits,
                     {copy_of(std::get<0>(said)), copy_of(std::get<1>(said)), copy_of(std::get<2>(said))},
                     effort,
                     quality};
  return RowWriter({shape[0], shape[1], static_cast<std::uint32_t>(channels), dtype_of(dtype)}, std::move(options),
                   context_of(context));
}

class Sink final : public ByteSink {
 public:
  explicit Sink(nb::callable write) : write_(std::move(write)) {}
  void write(std::span<const std::uint8_t> bytes) override { write_(nb::bytes(bytes.data(), bytes.size())); }

 private:
  nb::callable write_;
};

}  // namespace

void export_rows(nb::module_& m) {
  nb::class_<WriterObject>(m, "RowWriter")
      .def(
          "__init__",
          [](WriterObject* self, const std::vector<std::uint64_t>& shape, nb::handle dtype, std::int64_t max_error,
             int bits, const Metadata& said, std::int64_t effort, std::optional<double> quality,
             const ContextPtr& context) {
            new (self) WriterObject{context, writer_of(shape, dtype, max_error, bits, said, effort, quality, context)};
          },
          "shape"_a, "dtype"_a, "max_error"_a, "bits"_a, "metadata"_a, "effort"_a, "quality"_a.none(),
          "context"_a.none())
      .def_prop_ro("rows_missing", [](const WriterObject& self) { return self.writer.rows_missing(); })
      .def(
          "write",
          [](WriterObject& self, nb::handle rows) {
            const Picture picture = picture_of(rows, within(context_of(self.context).limits), true);
            const Turn turn(self.busy, "RowWriter");
            const nb::gil_scoped_release no_gil;
            self.writer.write(picture.view);
          },
          "rows"_a.none())
      .def(
          "finish",
          [](WriterObject& self, const nb::callable& write) {
            const Turn turn(self.busy, "RowWriter");
            Sink sink(write);  // writes with the interpreter held: nothing is computed any more
            return self.writer.finish(sink);
          },
          "write"_a);
  nb::class_<ReaderObject>(m, "RowReader")
      .def(nb::init<nb::handle, ContextPtr>(), "data"_a, "context"_a.none())
      .def_prop_ro("shape", [](const ReaderObject& r) { return shape_of_kind(r.reader->kind()); })
      .def_prop_ro("dtype", [](const ReaderObject& r) { return numpy_dtype(r.reader->kind().dtype); })
      .def_prop_ro("bounded", [](const ReaderObject& r) { return r.reader->bounded(); })
      .def_prop_ro("rows_left", [](const ReaderObject& r) { return r.reader->rows_left(); })
      .def_prop_ro("metadata", [](const ReaderObject& r) { return tuple_of(r.reader->metadata()); })
      .def(
          "read",
          [](ReaderObject& self, std::uint64_t rows) {
            Image image;
            {
              const Turn turn(self.busy, "RowReader");
              const nb::gil_scoped_release no_gil;
              image = self.reader->read(rows);
            }
            return array_of(std::move(image));
          },
          "rows"_a);
}

}  // namespace vaerans::python
