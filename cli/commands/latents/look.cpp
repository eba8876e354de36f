// vaerans latents info, verify and gc.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "commands/latents/latents.hpp"
#include "report.hpp"
#include "vaerans/base/text.hpp"
#include "vaerans/store/store.hpp"

namespace vaerans::cli {
namespace {

struct Options {
  std::string store;
  std::vector<std::string> keys;
  unsigned threads = 0;
  bool json = false, items = false;
};

nlohmann::ordered_json about_item(const LatentStore& store, const std::string& key) {
  const StoreItem& item = store.item(key);
  nlohmann::ordered_json arrays = nlohmann::ordered_json::object();
  for (const ArrayPlace& place : item.arrays) {
    const BlobInfo info = store.info(key, place.name);
    arrays[place.name] = {{"shape", info.shape},
                          {"type", number_name(info.type)},
                          {"target", target_name(info.target.kind)},
                          {"value", info.target.value},
                          {"rmse", info.rmse},
                          {"largest_error", info.largest_error},
                          {"bytes", info.bytes},
                          {"bits", 8.0 * static_cast<double>(info.bytes) / static_cast<double>(info.count())}};
  }
  const ItemFacts& f = item.facts;
  return {{"key", key},           {"source_hash", f.source_hash}, {"width", f.width}, {"height", f.height},
          {"flip_of", f.flip_of}, {"bucket", f.bucket},           {"arrays", arrays}};
}

nlohmann::ordered_json about_store(const LatentStore& store) {
  nlohmann::ordered_json shards = nlohmann::ordered_json::array();
  for (const ShardInfo& s : store.shards()) {
    shards.push_back({{"path", s.path},
                      {"model", s.model.name},
                      {"model_hash", s.model.hash},
                      {"scaling", s.model.scaling},
                      {"shift", s.model.shift},
                      {"items", s.items},
                      {"dead", s.dead},
                      {"bytes", s.bytes},
                      {"damage", s.damage}});
  }
  return {{"items", store.size()}, {"shards", shards}};
}

void print_item(const nlohmann::ordered_json& item) {
  print_line(item["key"].get<std::string>());
  for (const auto& [name, a] : item["arrays"].items()) {
    std::printf("  %-10s %s %s  %s bytes  %s bits  %s %%\n", printable(name).c_str(), a["shape"].dump().c_str(),
                a["type"].get<std::string>().c_str(), with_commas(a["bytes"].get<std::uint64_t>()).c_str(),
                fixed(a["bits"].get<double>(), 2).c_str(), fixed(100 * a["rmse"].get<double>(), 2).c_str());
  }
}

void print_store(const LatentStore& store) {
  for (const ShardInfo& s : store.shards()) {
    print_line(s.path + "  " + with_commas(s.items) + " items, " + with_commas(s.dead) + " dead  " +
               with_commas(s.bytes) + " bytes  model " + (s.model.name.empty() ? "-" : s.model.name) +
               (s.damage.empty() ? "" : "  damaged: " + s.damage));
  }
  std::printf("%s items in %zu shards\n", with_commas(store.size()).c_str(), store.shards().size());
}

Exit info(const Options& o) {
  const LatentStore store(o.store);
  const auto keys = o.items ? store.keys() : o.keys;
  if (keys.empty() && o.json) print_json(about_store(store), 2);
  if (keys.empty() && !o.json) print_store(store);
  for (const std::string& key : keys) {
    const auto item = about_item(store, key);
    if (o.json) print_json(item, -1);
    if (!o.json) print_item(item);
  }
  return Exit::ok;
}

Exit verify(const Options& o) {
  const LatentStore store(o.store, {.model_hash = {}, .strict = false});
  const auto damages = store.verify(o.threads);
  for (const StoreDamage& d : damages)
    print_error("corrupt_stream", d.shard + ": " + (d.key.empty() ? "" : d.key + ": ") + d.text);
  std::printf("%s items, %zu damaged places\n", with_commas(store.size()).c_str(), damages.size());
  return damages.empty() ? Exit::ok : Exit::bad_input;
}

Exit gc(const Options& o) {
  const Compaction c = compact_store(o.store, o.keys);
  std::printf("%s items removed, %s -> %s bytes\n", with_commas(c.dropped).c_str(), with_commas(c.bytes_before).c_str(),
              with_commas(c.bytes_after).c_str());
  return Exit::ok;
}

CLI::App* add(CLI::App& latents, Chosen& chosen, const std::shared_ptr<Options>& o, const char* name, const char* what,
              Exit (*run)(const Options&)) {
  auto* command = latents.add_subcommand(name, what);
  command->add_option("STORE", o->store, "Folder of the store, or one shard")->required();
  command->callback([o, run, &chosen] { chosen = [o, run] { return run(*o); }; });
  return command;
}

}  // namespace

void add_latents_info(CLI::App& latents, Chosen& chosen) {
  const auto o = std::make_shared<Options>();
  auto* command = add(latents, chosen, o, "info", "What is in a store", &info);
  command->add_option("--key", o->keys, "About this item; may be repeated");
  command->add_flag("--items", o->items, "About every item");
  command->add_flag("--json", o->json, "As JSON; items as one object per line");
}

void add_latents_verify(CLI::App& latents, Chosen& chosen) {
  const auto o = std::make_shared<Options>();
  auto* command = add(latents, chosen, o, "verify", "Read every bit of a store, and name what is damaged", &verify);
  command->add_option("-j,--threads", o->threads, "Threads; 0 is as many as there are")->type_name("N");
}

void add_latents_gc(CLI::App& latents, Chosen& chosen) {
  const auto o = std::make_shared<Options>();
  auto* command = add(latents, chosen, o, "gc", "Remove items that newer ones replace", &gc);
  command->add_option("--drop", o->keys, "Remove this item, too; may be repeated");
}

void add_latents(CLI::App& app, Chosen& chosen) {
  auto* latents = app.add_subcommand("latents", "Latents and text embeddings by key: a store for trainings");
  latents->require_subcommand(1);
  for (const auto add : {add_latents_pack, add_latents_unpack, add_latents_info, add_latents_verify, add_latents_gc})
    add(*latents, chosen);
}

}  // namespace vaerans::cli
