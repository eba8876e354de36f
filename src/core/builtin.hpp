// The one place where core asks for the systems it does not know: defined in src/systems/builtin.cpp.
#pragma once

namespace vaerans {

/// Registers every system of the library; called once, before the first look-up.
void register_builtin_systems();

/// Calls that unless it was done: before look-ups, and before plugins, which may take no name of theirs.
void load_builtins();

}  // namespace vaerans
