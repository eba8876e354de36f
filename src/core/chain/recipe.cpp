#include "core/chain/recipe.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>

#include "vaerans/base/error.hpp"

namespace vaerans {
namespace {

bool in_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) || c == '_'; }

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<RecipeStep> recipe() {
    std::vector<RecipeStep> out;
    do out.push_back(step());
    while (accept("|"));
    if (at_ != text_.size()) refuse("expected '|' or the end");
    return out;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Error(ErrorCode::bad_recipe,
                "recipe '" + std::string(text_) + "', character " + std::to_string(at_ + 1) + ": " + what);
  }

  void skip_space() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }

  bool accept(std::string_view token) {
    skip_space();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    skip_space();
    return true;
  }

  std::string name(const char* what) {
    skip_space();
    const std::size_t begin = at_;
    while (at_ < text_.size() && in_name(text_[at_])) ++at_;
    if (begin == at_) refuse(std::string("expected ") + what);
    return std::string(text_.substr(begin, at_ - begin));
  }

  RecipeStep step() {
    RecipeStep out;
    if (accept("@")) out.from = name("a component's key after '@'");
    out.name = name("the name of a system");
    if (accept("(") && !accept(")")) {
      do out.args.push_back(argument());
      while (accept(","));
      if (!accept(")")) refuse("expected ',' or ')'");
    }
    if (accept("->")) out.out = name("a component's key after '->'");
    return out;
  }

  std::pair<std::string, ParamValue> argument() {
    skip_space();
    if (const auto key = name_before_equals(); !key.empty()) return {key, value()};
    return {"", value()};
  }

  // Looks ahead for "name =" and consumes it only if it is there.
  std::string name_before_equals() {
    const std::size_t begin = at_;
    std::size_t end = at_;
    while (end < text_.size() && in_name(text_[end])) ++end;
    at_ = end;
    if (end > begin && accept("=")) return std::string(text_.substr(begin, end - begin));
    at_ = begin;
    return {};
  }

  ParamValue value() {
    skip_space();
    if (text_.substr(at_, 1) == "'") return quoted();
    const std::size_t begin = at_;
    const auto in_word = [](char c) {
      return std::isalnum(static_cast<unsigned char>(c)) ||
             std::string_view("_-+./@").find(c) != std::string_view::npos;
    };
    // "->" ends a word: a path may contain '-', but not '>' behind it.
    while (at_ < text_.size() && in_word(text_[at_]) && text_.substr(at_, 2) != "->") ++at_;
    if (begin == at_) refuse("expected a value");
    return typed(text_.substr(begin, at_ - begin));
  }

  static ParamValue typed(std::string_view word) {
    if (word == "true" || word == "false") return word == "true";
    std::int64_t whole = 0;
    const char* const end = word.data() + word.size();
    if (const auto r = std::from_chars(word.data(), end, whole); r.ec == std::errc{} && r.ptr == end) return whole;
    double number = 0;
    if (const auto r = std::from_chars(word.data(), end, number); r.ec == std::errc{} && r.ptr == end) return number;
    return std::string(word);
  }

  ParamValue quoted() {
    std::string out;
    for (++at_; at_ < text_.size() && text_[at_] != '\''; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      out += text_[at_];
    }
    if (at_ == text_.size()) refuse("the quoted text has no end");
    ++at_;
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

}  // namespace

std::vector<RecipeStep> parse_recipe(std::string_view text) { return Parser(text).recipe(); }

void require_key(std::string_view key) {
  if (std::ranges::all_of(key, in_name)) return;
  throw Error(ErrorCode::invalid_argument,
              "'" + std::string(key) + "' cannot be a component's key in a chain; letters, digits and _ can");
}

}  // namespace vaerans
