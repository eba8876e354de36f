// Texts that come from files and go to terminals.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace vaerans {

/// Whether these bytes are well-formed UTF-8 (Unicode 15, table 3-7) without control characters (U+0000 to U+001F,
/// U+007F to U+009F): what a name may be that everybody can show, and every language can hold.
[[nodiscard]] bool is_plain_text(std::string_view bytes) noexcept;

/// The same text with what is_plain_text refuses written as \xNN, but for the characters in `kept`. Text that is plain
/// stays as it is.
[[nodiscard]] std::string printable(std::string_view bytes, std::string_view kept = {});

/// The same text with A to Z in lower case, whatever the locale.
[[nodiscard]] std::string lower_case(std::string_view text);

/// What is said of one of several, from place 0 on: "picture 2 of the list: …" for the kind "picture".
[[nodiscard]] std::string of_the_list(std::string_view kind, std::size_t place, std::string_view what);

}  // namespace vaerans
