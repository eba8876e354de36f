// vaerans completion and vaerans manual: both are written from the commands themselves, so that they are never old.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "commands/commands.hpp"

namespace vaerans::cli {
namespace {

std::vector<std::string> flags_of(const CLI::App& command) {
  std::vector<std::string> out;
  for (const CLI::Option* option : command.get_options()) {
    for (const auto& name : option->get_lnames()) out.push_back("--" + name);
    for (const auto& name : option->get_snames()) out.push_back("-" + name);
  }
  return out;
}

/// Those of the command, and those that all commands share.
std::vector<std::string> flags_of(const CLI::App& app, const CLI::App& command) {
  std::vector<std::string> out = flags_of(command);
  for (const std::string& flag : flags_of(app)) {
    if (std::ranges::count(out, flag) == 0) out.push_back(flag);
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

std::vector<std::string> commands_of(const CLI::App& app) {
  std::vector<std::string> out;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (!command->get_name().empty()) out.push_back(command->get_name());
  }
  return out;
}

std::string bash(const CLI::App& app) {
  std::string cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    cases += "    " + command->get_name() + ") words='" + joined(flags_of(app, *command)) + "' ;;\n";
  }
  return "_vaerans() {\n  local words current=${COMP_WORDS[COMP_CWORD]}\n  case ${COMP_WORDS[1]} in\n" + cases +
         "    *) words='" + joined(commands_of(app)) +
         "' ;;\n  esac\n"
         "  if [[ $COMP_CWORD -gt 1 && $current != -* ]]; then COMPREPLY=(); return; fi\n"
         "  COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n}\n"
         "complete -o default -F _vaerans vaerans\n";
}

std::string zsh(const CLI::App& app) {
  return "#compdef vaerans\nautoload -U +X bashcompinit && bashcompinit\n" + bash(app);
}

std::string fish(const CLI::App& app) {
  std::string out;
  const std::string none = "not __fish_seen_subcommand_from " + joined(commands_of(app));
  for (const CLI::App* command : app.get_subcommands({})) {
    const std::string name = command->get_name();
    out += "complete -c vaerans -f -n '" + none + "' -a " + name + "\n";
    for (const std::string& flag : flags_of(app, *command)) {
      const bool is_long = flag.starts_with("--");
      out += "complete -c vaerans -n '__fish_seen_subcommand_from " + name + (is_long ? "' -l " : "' -s ") +
             flag.substr(is_long ? 2 : 1) + "\n";
    }
  }
  return out;
}

/// A line of text for troff: what begins with a dot, and backslashes, would be its own commands.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else
      out += c;
    if (c == '\n') out += "\\&";
  }
  return "\\&" + out;
}

std::string option_pages(const CLI::App& command) {
  std::string out;
  for (const CLI::Option* option : command.get_options())
    out += ".TP\n.B " + roff(option->get_name(true, true)) + "\n" + roff(option->get_description()) + "\n";
  return out;
}

std::string manual(const CLI::App& app) {
  std::string out =
      ".TH VAERANS 1\n.SH NAME\nvaerans \\- learned image compression\n.SH SYNOPSIS\n.B vaerans\n.I "
      "command\n[options]\n.SH DESCRIPTION\n" +
      roff(app.get_description()) + "\n.SH OPTIONS OF ALL COMMANDS\n" + option_pages(app);
  for (const CLI::App* command : app.get_subcommands({})) {
    out +=
        ".SH VAERANS " + command->get_name() + "\n" + roff(command->get_description()) + "\n" + option_pages(*command);
  }
  return out + ".SH EXIT STATUS\n.nf\n" + roff(exit_code_help) + ".fi\n";
}

std::string completion_for(const std::string& shell, const CLI::App& app) {
  if (shell == "bash") return bash(app);
  return shell == "zsh" ? zsh(app) : fish(app);
}

}  // namespace

void add_completion(CLI::App& app, Chosen& chosen) {
  const auto shell = std::make_shared<std::string>();
  auto* command = app.add_subcommand("completion", "Print a completion script: source <(vaerans completion bash)");
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->callback([&app, &chosen, shell] {
    chosen = [&app, shell] {
      (void)std::fputs(completion_for(*shell, app).c_str(), stdout);
      return Exit::ok;
    };
  });
}

void add_manual(CLI::App& app, Chosen& chosen) {
  auto* command = app.add_subcommand("manual", "Print the manual page: vaerans manual | man -l -");
  command->callback([&app, &chosen] {
    chosen = [&app] {
      (void)std::fputs(manual(app).c_str(), stdout);
      return Exit::ok;
    };
  });
}

}  // namespace vaerans::cli
