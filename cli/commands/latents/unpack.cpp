// vaerans latents unpack: items of a store as .npy files.
#include <CLI/CLI.hpp>
#include <cctype>
#include <filesystem>
#include <memory>
#include <set>

#include "commands/latents/latents.hpp"
#include "commands/latents/npy.hpp"
#include "files/files.hpp"
#include "report.hpp"
#include "vaerans/store/store.hpp"

namespace vaerans::cli {
namespace {

struct Options {
  std::string store, folder, dtype = "f16";
  std::vector<std::string> keys;
  bool force = false, quiet = false;
};

/// A key as a file's name: letters of all languages, digits, '_', '-' and '.' stay, all else becomes %XX. No name
/// leaves the folder.
std::string file_name(const std::string& key) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char raw : key) {
    const auto c = static_cast<unsigned char>(raw);
    const bool beyond_ascii = c >= 0x80;  // a part of a letter in UTF-8, which is what keys are in
    const bool plain = std::isalnum(c) != 0 || beyond_ascii || c == '_' || c == '-' || (c == '.' && !out.empty());
    if (plain) out += raw;
    if (!plain) (out += '%') += {digits[c / 16], digits[c % 16]};
  }
  return out;
}

/// The files of one run: array 'b' of item 'a' has the name of item 'a.b'.
using Written = std::set<std::string>;

void unpack(const LatentStore& store, const std::string& key, const Options& o, Written& written, Report& report) {
  const StoreItem& item = store.item(key);
  for (const ArrayPlace& place : item.arrays) {
    NpyArray array;
    array.type = o.dtype == "f32" ? NumberType::f32 : NumberType::f16;
    const BlobInfo info = store.info(key, place.name);
    array.shape = info.shape;
    array.data.resize(info.count() * number_size(array.type));
    store.read(key, place.name, array.type, array.data);
    const std::string suffix = item.arrays.size() == 1 ? "" : "." + file_name(place.name);
    const std::string path = (std::filesystem::path(o.folder) / (file_name(key) + suffix + ".npy")).string();
    if (!written.insert(path).second)
      throw Error(ErrorCode::exists, path + ": is another array of this store; take one of them by --key");
    write_output(path, make_npy(array), o.force);
    report.done(key + " -> " + path);
  }
}

Exit run(const Options& o) {
  const LatentStore store(o.store);
  const auto keys = o.keys.empty() ? store.keys() : o.keys;
  std::error_code failed;
  std::filesystem::create_directories(o.folder, failed);
  if (failed) throw Error(ErrorCode::io, o.folder + ": cannot be made: " + failed.message());
  Report report(keys.size(), o.quiet, false, true);
  Written written;
  for (const std::string& key : keys) {
    try {
      unpack(store, key, o, written, report);
    } catch (const Error& error) {
      report.failed(key, error.code(), error.what(), exit_of(error.code()));
    }
  }
  return report.exit();
}

}  // namespace

void add_latents_unpack(CLI::App& latents, Chosen& chosen) {
  const auto o = std::make_shared<Options>();
  auto* command = latents.add_subcommand("unpack", "Items of a store as .npy files, named by their keys");
  command->add_option("STORE", o->store, "Folder of the store, or one shard")->required();
  command->add_option("-o,--output", o->folder, "Folder of the files")->required()->type_name("FOLDER");
  command->add_option("--key", o->keys, "This item alone; may be repeated");
  command->add_option("--dtype", o->dtype, "Type of the numbers")->check(CLI::IsMember({"f16", "f32"}));
  command->add_flag("-f,--force", o->force, "Replace files that exist");
  command->add_flag("--quiet", o->quiet, "Say nothing but errors");
  command->callback([o, &chosen] { chosen = [o] { return run(*o); }; });
}

}  // namespace vaerans::cli
