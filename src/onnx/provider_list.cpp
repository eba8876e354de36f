// The text form of a list of execution providers.
#include <algorithm>

#include "onnx/providers.hpp"
#include "vaerans/base/error.hpp"

namespace vaerans::onnx {
namespace {

constexpr std::string_view space = " \t", special = "(),=";

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  std::vector<Provider> list() {
    std::vector<Provider> providers;
    do {
      providers.push_back(provider());
      const auto same = [&](const Provider& p) { return p.name == providers.back().name; };
      if (std::count_if(providers.begin(), providers.end(), same) > 1) fail(providers.back().name + " stands twice");
    } while (take(','));
    if (at_ != text_.size()) fail("there is '" + std::string(text_.substr(at_, 1)) + "' behind a provider");
    return providers;
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw Error(ErrorCode::invalid_argument,
                "providers='" + std::string(text_) + "', character " + std::to_string(at_ + 1) + ": " + what +
                    ". Write it like 'CUDAExecutionProvider(device_id=1,use_tf32=1),CPUExecutionProvider'.");
  }

  Provider provider() {
    Provider out{word("the name of an execution provider")};
    if (!take('(')) return out;
    do {
      std::string key = word("the name of an option");
      if (std::ranges::count(out.options, key, [](const auto& option) { return option.first; }) != 0)
        fail("option " + key + " is given twice");
      if (!take('=')) fail("'=' is missing behind option " + key);
      out.options.emplace_back(std::move(key), word("a value"));
    } while (take(','));
    if (!take(')')) fail("')' is missing");
    return out;
  }

  std::string word(const char* what) {
    skip();
    const std::size_t begin = at_;
    while (at_ < text_.size() && special.find(text_[at_]) == std::string_view::npos) ++at_;
    std::string_view found = text_.substr(begin, at_ - begin);
    found = found.substr(0, found.find_last_not_of(space) + 1);
    if (found.empty()) fail(std::string(what) + " is missing");
    return std::string(found);
  }

  bool take(char wanted) {
    skip();
    if (at_ == text_.size() || text_[at_] != wanted) return false;
    ++at_;
    return true;
  }

  void skip() {
    while (at_ < text_.size() && space.find(text_[at_]) != std::string_view::npos) ++at_;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<Provider> parse_providers(std::string_view list) { return Reader(list).list(); }

}  // namespace vaerans::onnx
