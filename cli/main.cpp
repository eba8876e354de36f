// The command line program: a thin door to the library. One file per command; this one parses and reports.
#include <fcntl.h>
#include <unistd.h>
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <new>
#include <string>
#include <vector>

#include "commands/commands.hpp"
#include "commands/transcode.hpp"
#include "interrupt.hpp"
#include "report.hpp"
#include "vaerans/core/plugin.hpp"
#include "vaerans/image_io.hpp"

namespace vaerans::cli {
namespace {

/// `vaerans photo.png`: CLI11 would only say that a subcommand is required.
void require_command(const CLI::App& app, const std::vector<std::string>& words) {
  if (words.size() < 2) throw UsageError("a command is needed, such as: vaerans compress photo.png");
  const std::string& first = words[1];
  if (first.starts_with('-')) return;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name() == first) return;
  }
  const std::string guess = first.ends_with(".vrs") ? "decompress" : "compress";
  throw UsageError("there is no command '" + first + "'; for a file: vaerans " + guess + " FILE");
}

/// CLI11 reports help and version as errors.
Exit leave(const CLI::App& app, const CLI::ParseError& error) {
  if (error.get_exit_code() == 0) {
    app.exit(error, std::cout, std::cerr);
    return Exit::ok;
  }
  std::string text = error.what();
  constexpr std::string_view conversion = "Could not convert: ";
  if (text.starts_with(conversion)) text = text.substr(conversion.size()) + " is no number that fits";
  throw UsageError(text);
}

/// `vaerans help compress` is `vaerans compress --help`.
std::vector<std::string> words_of(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  if (words.size() < 2 || words[1] != "help") return words;
  words.erase(words.begin() + 1);
  words.emplace_back("--help");
  return words;
}

Exit parse_and_run(int argc, char** argv) {
  Chosen chosen;
  CLI::App app(
      "Learned image compression. vaerans compress photo.png writes photo.vrs; vaerans decompress photo.vrs\n"
      "writes photo.png.",
      "vaerans");
  app.footer(exit_code_help);
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  app.fallthrough();  // options of all commands may stand behind the command's name, too
  std::vector<std::string> plugins;
  app.add_option("--plugin", plugins, "Load a plugin; may be repeated (VAERANS_PLUGINS lists some, too)")
      ->type_name("FILE.so")
      ->allow_extra_args(false);
  for (const auto add : {add_compress, add_decompress, add_info, add_verify, add_strip, add_transcode, add_eval,
                         add_models, add_systems, add_latents, add_completion, add_manual}) {
    add(app, chosen);
  }
  std::vector<std::string> words = words_of(argc, argv);
  require_command(app, words);
  try {
    std::vector<std::string> rest(words.rbegin(), words.rend() - 1);  // as CLI11 takes them: the last first
    app.parse(rest);
  } catch (const CLI::ParseError& error) {
    return leave(app, error);
  }
  for (const std::string& plugin : plugins) (void)load_plugin(plugin);
  return chosen();
}

/// No exception leaves the program; each becomes a line on stderr and an exit code.
Exit guarded(int argc, char** argv) noexcept {
  try {
    return parse_and_run(argc, argv);
  } catch (const UsageError& error) {
    print_error("usage", error.what());
    std::fputs("`vaerans --help` and `vaerans COMMAND --help` list what there is.\n", stderr);
    return Exit::usage;
  } catch (const Error& error) {
    print_error(error_name(error.code()), error.what());
    return exit_of(error.code());
  } catch (const std::bad_alloc&) {
    print_error("arena_full", "there is not enough memory");
    return Exit::io;
  } catch (const std::exception& error) {
    print_error("internal", error.what());
  } catch (...) {
    print_error("internal", "an exception of unknown type");
  }
  return Exit::internal;
}

/// A file that is opened takes the lowest number that is free: with stdout closed (`>&-`), what is printed would go
/// into it. These numbers are taken first, for the direction in which nobody uses them.
void hold_standard_streams() noexcept {
  for (const int number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    const bool closed = ::fcntl(number, F_GETFD) == -1;
    if (closed && ::open("/dev/null", number == STDIN_FILENO ? O_WRONLY : O_RDONLY) != number) return;
  }
}

/// Text that did not reach its reader (a full disk behind a redirection) is no success.
Exit flushed(Exit exit) noexcept {
  if (exit != Exit::ok || (std::fflush(stdout) == 0 && std::ferror(stdout) == 0)) return exit;
  print_error(error_name(ErrorCode::io), "stdout: cannot be written");
  return Exit::io;
}

}  // namespace
}  // namespace vaerans::cli

int main(int argc, char** argv) {
  vaerans::cli::hold_standard_streams();
  vaerans::isolate_picture_reading(argc, argv);
  vaerans::cli::watch_for_interrupts();
  const auto exit = vaerans::cli::flushed(vaerans::cli::guarded(argc, argv));
  return static_cast<int>(exit);
}
