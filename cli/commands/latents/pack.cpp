// vaerans latents pack: pictures through a model, or .npy arrays, into a store.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <optional>

#include "commands/latents/latents.hpp"
#include "commands/latents/npy.hpp"
#include "device.hpp"
#include "files/files.hpp"
#include "report.hpp"
#include "vaerans/core/pipeline.hpp"
#include "vaerans/image_io.hpp"
#include "vaerans/models.hpp"
#include "vaerans/store/store.hpp"

namespace vaerans::cli {
namespace {

struct Options {
  std::vector<std::string> inputs;
  std::string store, model, device = "auto", rank = "0";
  double rmse = 0.02, bits = 0, step = 0, max_error = 0;
  bool lossless = false, resume = false, replace = false, convert = false, quiet = false;
  unsigned threads = 0;
  CLI::Option *rmse_set = nullptr, *bits_set = nullptr, *step_set = nullptr, *error_set = nullptr,
              *lossless_set = nullptr;
};

Target target_of(const Options& o) {
  const std::size_t given =
      o.rmse_set->count() + o.bits_set->count() + o.step_set->count() + o.error_set->count() + o.lossless_set->count();
  if (given > 1) throw UsageError("give at most one of --rmse, --bits, --step, --max-error and --lossless");
  if (*o.bits_set) return {Target::Kind::bits, o.bits};
  if (*o.step_set) return {Target::Kind::step, o.step};
  if (*o.error_set) return {Target::Kind::max_error, o.max_error};
  if (*o.lossless_set) return {Target::Kind::lossless, 0};
  return {Target::Kind::rmse, o.rmse};
}

bool is_array(const std::string& path) { return path.ends_with(".npy"); }

/// The model, and memory for one picture at a time.
class Encoder {
 public:
  Encoder(const Options& o, const std::string& model) : chain_(Pipeline::parse("vae('" + model + "')")) {
    context_.device = o.device;
    context_.threads = o.threads;
    context_.keep = false;
  }
  /// The latent, which lives until the next call.
  const Component& latent(const Image& image) {
    const std::uint64_t wanted = (256ULL << 20U) + image.height * image.width * 128;
    if (!world_ || world_->arena().capacity() < wanted) world_.emplace(wanted);
    world_->reset();
    const EntityId entity = world_->spawn_image(image.view());
    (void)chain_.run(*world_, {&entity, 1}, context_);
    return world_->get(entity, "Latent4");
  }
  std::span<const float> values(const Component& latent) { return world_->arena().view<float>(latent.data); }

 private:
  Pipeline chain_;
  Context context_;
  std::optional<World> world_;
};

class PackRun {
 public:
  explicit PackRun(const Options& o) : o_(o), report_(o.inputs.size(), o.quiet, false, true), target_(target_of(o)) {
    WriterOptions options;
    options.rank = o.rank;
    options.resume = o.resume;
    options.replace = o.replace;
    if (!std::ranges::all_of(o.inputs, is_array)) {
      const std::string name = o.model.empty() ? std::string(default_model) : o.model;
      model_ = find_model(name);
      options.model = {model_->name, model_->hash, model_->scaling, model_->shift, {}};
      encoder_.emplace(o, name);
    }
    writer_ = std::make_unique<StoreWriter>(o.store, std::move(options));
  }
  Exit run() {
    for (const std::string& input : o_.inputs) {
      try {
        pack(input);
      } catch (const Error& error) {
        report_.failed(input, error.code(), error.what(), exit_of_reading(error.code()));
      }
    }
    writer_->close();
    return report_.exit();
  }

 private:
  void pack(const std::string& input) {
    ItemFacts facts;
    facts.source_hash = hash_of_file(input);
    if ((o_.resume || o_.replace) && writer_->is_current(input, facts.source_hash)) {
      report_.done(input + "  is there already");
      return;
    }
    if (is_array(input)) {
      const NpyArray array = parse_npy(read_input(input, {}));
      add(input, {array.data.data(), array.type, array.shape}, facts);
    } else {
      const Image image = read_image(input, {.convert = o_.convert, .tolerant = false, .limits = {}});
      facts.width = image.width;
      facts.height = image.height;
      const Component& latent = encoder_->latent(image);
      const auto dims = latent.data.shape().dims();
      add(input, {encoder_->values(latent).data(), NumberType::f32, {dims.begin(), dims.end()}}, facts);
    }
  }
  void add(const std::string& key, const ArrayView& array, const ItemFacts& facts) {
    const BlobOptions how{.target = target_, .channel_axis = array.shape.size() == 2 ? 1U : 0U};
    const NamedBlob blob{"latent", encode_blob(array, how)};
    writer_->add_blobs(key, {&blob, 1}, facts);
    const BlobInfo info = blob_info(blob.blob);
    const double bits = 8.0 * static_cast<double>(info.bytes) / static_cast<double>(info.count());
    report_.done(key + "  " + with_commas(info.bytes) + " bytes  " + fixed(bits, 2) + " bits  " +
                 fixed(100 * info.rmse, 2) + " %");
  }

  const Options& o_;
  Report report_;
  Target target_;
  std::optional<ModelInfo> model_;
  std::optional<Encoder> encoder_;
  std::unique_ptr<StoreWriter> writer_;
};

void add_targets(CLI::App& command, Options& o) {
  auto* group = command.add_option_group("Target", "At most one of these; none means --rmse 0.02");
  o.rmse_set = group->add_option("--rmse", o.rmse, "Error relative to each channel's standard deviation");
  o.bits_set = group->add_option("--bits", o.bits, "The best that so many bits a number can hold");
  o.step_set = group->add_option("--step", o.step, "One step of the quantiser for all channels");
  o.error_set = group->add_option("--max-error", o.max_error, "No number is further off");
  o.lossless_set = group->add_flag("--lossless", o.lossless, "Every bit of float16 arrays");
  for (auto* option : {o.rmse_set, o.bits_set, o.step_set, o.error_set}) option->type_name("X");
}

}  // namespace

void add_latents_pack(CLI::App& latents, Chosen& chosen) {
  const auto o = std::make_shared<Options>();
  auto* command = latents.add_subcommand("pack", "Pictures, by a model, or arrays (.npy) into a store");
  command->add_option("IN", o->inputs, "Pictures and .npy files; their names become the keys")->required();
  command->add_option("-o,--output", o->store, "Folder of the store")->required()->type_name("STORE");
  command->add_option("-m,--model", o->model, "Name or folder of the model that encodes pictures");
  add_device(*command, o->device);
  command->add_option("-j,--threads", o->threads, "Threads of the model; 0 is as many as there are")->type_name("N");
  command->add_option("--rank", o->rank, "Names this writer among those that write at the same time");
  command->add_flag("--resume", o->resume, "Go on where a run was cut off: skip what is there and current");
  command->add_flag("--replace", o->replace, "Make items anew whose file or model has changed");
  command->add_flag("--convert", o->convert, "Accept grey, alpha and 16-bit pictures");
  command->add_flag("--quiet", o->quiet, "Say nothing but errors");
  add_targets(*command, *o);
  command->callback([o, &chosen] { chosen = [o] { return PackRun(*o).run(); }; });
}

}  // namespace vaerans::cli
