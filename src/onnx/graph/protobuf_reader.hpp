// Protobuf's wire format, as far as ONNX files use it: the fields of a message, one after the other.
#pragma once

#include <cstdint>
#include <ios>
#include <istream>
#include <streambuf>
#include <string>
#include <utility>

#include "vaerans/base/error.hpp"

namespace vaerans::onnx::protobuf {

inline constexpr std::uint64_t max_name = 64U << 10;  // bytes of one name
inline constexpr std::uint64_t max_kept = 64U << 20;  // bytes of nodes, names and small values

enum Wire : unsigned { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

struct Field {
  std::uint64_t number = 0;
  unsigned wire = 0;
  std::uint64_t value = 0;  ///< value of a varint
  std::uint64_t begin = 0, end = 0;
};

/// Protobuf's fields, in a stream whose size is known. Nothing is read past the end of the enclosing message.
class Reader {
 public:
  Reader(std::istream& in, std::uint64_t size, std::string name) : in_(in), size_(size), name_(std::move(name)) {}

  [[nodiscard]] std::uint64_t size() const { return size_; }

  [[noreturn]] void fail(const std::string& what) const { throw Error(ErrorCode::model_invalid, name_ + ": " + what); }

  /// Calls handle(field) for each field in [begin, end); what it does not read is stepped over.
  template <typename Handle>
  void fields(std::uint64_t begin, std::uint64_t end, Handle&& handle) {
    for (std::uint64_t at = begin; at < end;) {
      seek(at);
      const Field field = header(end);
      handle(field);
      at = field.end;
    }
  }

  /// Counts memory that is kept: a file of a few bytes per empty name would otherwise take many times its size.
  void charge(std::uint64_t size) {
    kept_ += size;
    if (kept_ > max_kept) fail("it has more nodes and names than a graph of pictures needs");
  }

  std::string text(const Field& field) {
    const std::uint64_t length = field.end - field.begin;
    charge(length + sizeof(std::string));
    if (field.wire != bytes || length > max_name) {
      fail("its names are longer than a graph needs: it is damaged or no ONNX graph");
    }
    seek(field.begin);
    std::string out(length, '\0');
    if (in_.rdbuf()->sgetn(out.data(), static_cast<std::streamsize>(length)) != static_cast<std::streamsize>(length)) {
      truncated();
    }
    at_ += length;
    return out;
  }

  /// Calls add(value) for each number of a packed list.
  template <typename Add>
  void varints(const Field& field, Add&& add) {
    for (seek(field.begin); at_ < field.end;) add(number(field.end));
  }

 private:
  [[noreturn]] void truncated() const {
    fail("the file is cut short or damaged: it says that it goes on after its " + std::to_string(size_) +
         " bytes. Fetch or export it again.");
  }
  [[noreturn]] void garbled() const { fail("this is no ONNX file, or it is damaged. Fetch or export it again."); }

  void seek(std::uint64_t at) {
    if (at == at_) return;
    if (in_.rdbuf()->pubseekpos(static_cast<std::streamoff>(at), std::ios::in) == std::streampos(-1)) truncated();
    at_ = at;
  }

  std::uint64_t number(std::uint64_t end) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (at_ >= end) truncated();
      const int byte = in_.rdbuf()->sbumpc();
      if (byte == std::char_traits<char>::eof()) truncated();
      ++at_;
      value |= static_cast<std::uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) == 0) return value;
    }
    garbled();
  }

  Field header(std::uint64_t end) {
    const std::uint64_t key = number(end);
    Field field{key >> 3, static_cast<unsigned>(key & 7), 0, 0, 0};
    std::uint64_t length = 0;
    switch (field.wire) {
      case varint: field.value = number(end); break;
      case fixed64: length = 8; break;
      case fixed32: length = 4; break;
      case bytes: length = number(end); break;
      default: garbled();
    }
    if (field.number == 0) garbled();
    if (length > end - at_) truncated();
    field.begin = at_;
    field.end = at_ + length;
    return field;
  }

  std::istream& in_;
  std::uint64_t size_, at_ = 0, kept_ = 0;
  std::string name_;
};

}  // namespace vaerans::onnx::protobuf
