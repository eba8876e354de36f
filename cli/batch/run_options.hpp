// The options that commands making a file of each input share, and those running a chain: device, threads, trace.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "device.hpp"
#include "files/files.hpp"
#include "files/folders.hpp"
#include "numbers.hpp"
#include "vaerans/core/context.hpp"

namespace vaerans::cli {

struct WritingOptions {
  std::vector<std::string> inputs;
  std::string output;
  bool quiet = false, force = false, json = false;
  FolderOptions folders;

  void add_writing_to(CLI::App& command, const std::string& output_help) {
    command.add_option("IN", inputs, "Files to read; - is stdin")->required();
    command.add_option("-o,--output", output, output_help)->type_name("OUT");
    folders.add_to(command);
    command.add_flag("--quiet", quiet, "Say nothing but errors");
    command.add_flag("--json", json, "One JSON object per file and line; with -r a last one with the sums");
    command.add_flag("-f,--force", force, "Replace files that exist; write binary data to terminals");
  }
};

struct RunOptions : WritingOptions {
  std::string device = "auto", trace_path;
  std::string max_pixels, max_memory, max_expansion;
  unsigned threads = 0;
  bool verbose = false;

  void add_to(CLI::App& command, const std::string& output_help) {
    add_writing_to(command, output_help);
    add_device(command, device);
    command.add_option("-j,--threads", threads, "Threads; 0 (the default) is as many as the machine has")
        ->type_name("N");
    command.add_option("--max-pixels", max_pixels, "Refuse pictures of more pixels (200M; default 268435456)")
        ->type_name("N");
    command.add_option("--max-memory", max_memory, "Refuse picture files whose decoding takes more (default 4Gi)")
        ->type_name("SIZE");
    command
        .add_option("--max-pixels-per-byte", max_expansion,
                    "Refuse files that claim more pixels for each of their bytes, beyond 16 megapixels (default 4096)")
        ->type_name("N");
    command.add_flag("-v,--verbose", verbose, "Also say how many seconds each step took");
    command.add_option("--trace", trace_path, "Write what each step did to this file, as JSON")->type_name("FILE.json");
  }

  [[nodiscard]] Context context(Trace& trace) const {
    Context context;
    context.device = device;
    context.threads = threads;
    context.on_error = OnError::collect;
    if (!max_pixels.empty()) context.limits.max_pixels = parse_size("--max-pixels", max_pixels);
    if (!max_memory.empty()) context.limits.max_memory = parse_size("--max-memory", max_memory);
    if (!max_expansion.empty()) context.limits.max_pixels_per_byte = parse_size("--max-pixels-per-byte", max_expansion);
    if (verbose || !trace_path.empty()) context.trace = &trace;
    return context;
  }

  void write_trace(const Trace& trace) const {
    if (trace_path.empty()) return;
    const std::string json = to_json(trace) + "\n";
    write_output(trace_path, {reinterpret_cast<const std::uint8_t*>(json.data()), json.size()}, force);
  }
};

}  // namespace vaerans::cli
