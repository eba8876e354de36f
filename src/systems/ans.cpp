#include "vaerans/systems/ans.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>
#include <vector>

#include "base/memory.hpp"
#include "base/parallel.hpp"
#include "coding/coder.hpp"
#include "coding/static/static_tables.hpp"
#include "coding/symbols.hpp"
#include "core/wire_ids.hpp"
#include "systems/builtin.hpp"
#include "systems/memory_limit.hpp"
#include "systems/system_base.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

/// The coder that wrote such side information; nullptr where no coder has its number.
const SymbolCoder* coder_named_by(std::span<const std::byte> side_info) {
  for (const SymbolCoder* coder : symbol_coders()) {
    if (!side_info.empty() && std::to_integer<std::uint8_t>(side_info[0]) == coder->wire_id()) return coder;
  }
  return nullptr;
}

class Encode final : public DescribedSystem {
 public:
  explicit Encode(const Settings<ANSOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::symbols, ""}}, .outputs = {{Kind::bitstream, "Bitstream"}}}),
        only_(s.options.coder == "auto" ? nullptr : &find_coder(s.options.coder)) {}

  [[nodiscard]] bool exact() const override { return true; }

  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte>, Arena&, const Limits&) const override {
    if (input.kind != Kind::symbols)
      throw Error(ErrorCode::contract, "ans needs symbols, not " + std::string(kind_name(input.kind)));
    return {Kind::bitstream, DType::u8, Shape{1}, {}};  // how many bytes, only the file knows
  }

  [[nodiscard]] std::vector<SideInfoField> describe_side_info(std::span<const std::byte> side_info) const override {
    const SymbolCoder* const coder = coder_named_by(side_info);
    if (coder == nullptr) return {};
    return {{"coder", std::string(coder->name())}};
  }

  void check_undo(const TrailStep& step, const Limits& limits) const override {
    const SymbolCoder* const coder = coder_named_by(step.side_info);
    if (coder == nullptr) return;  // decode_item will say what is wrong
    const auto subbands = subbands_of(step.input);
    const std::uint64_t symbols = step.input.shape.elements() * dtype_size(step.input.dtype);
    const std::uint64_t heap = coder->decode_bytes(step.side_info.subspan(1), subbands, limits);
    require_memory(symbols + coder->work_bytes(subbands) + heap, limits);
  }

  void run(Group& group) const override {
    const auto subbands = subbands_of(group.spec());
    std::size_t work = 0;
    for (const SymbolCoder* coder : symbol_coders()) work = std::max(work, coder->work_bytes(subbands));
    const SlotWorkspaces workspaces(group, "ans", work);
    RecycledVector<Choice> chosen(group.size());
    for_each_entity(group, [&](std::size_t i, std::size_t slot) {
      auto prior = uses_prior() ? prior_of(group.input(0, i).trail) : nullptr;
      choose(group, i, {subbands, std::move(prior), workspaces.of_slot(slot), group.context().threads}, chosen[i]);
    });
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (!group.failed(i)) store(group, i, chosen[i]);
    }
    trace(group, chosen);
  }

 private:
  [[nodiscard]] bool uses_prior() const { return only_ == nullptr || only_->uses_prior(); }

  struct Choice {
    const SymbolCoder* coder = nullptr;
    Coded coded, trial;
  };

  /// The smallest of what the allowed coders make of item i; coders that cannot win are left out.
  void choose(Group& group, std::size_t i, const Pyramid& pyramid, Choice& best) const {
    const SymbolsIn symbols = symbols_in(group.arena(), group.input(0, i).data);
    best.coder = nullptr;
    for (const SymbolCoder* coder : symbol_coders()) {
      if (only_ != nullptr ? coder != only_ : !coder->in_auto()) continue;
      if (best.coder != nullptr && coder->worth_trying_above(symbols, pyramid) >= best.coded.size()) continue;
      if (!coder->encode(symbols, pyramid, best.trial)) continue;
      if (best.coder == nullptr || best.trial.size() < best.coded.size()) {
        best.coder = coder;
        std::swap(best.coded, best.trial);
      }
    }
    if (best.coder == nullptr && only_ != nullptr) {
      throw Error(ErrorCode::bad_parameter, "ans: the coder '" + std::string(only_->name()) +
                                                "' does not fit these symbols: " + std::string(only_->needs()));
    }
  }

  static SymbolsIn symbols_in(Arena& arena, const TensorRef& ref) {
    return with_symbols(arena, ref,
                        []<typename Symbol>(std::span<Symbol> s) -> SymbolsIn { return std::span<const Symbol>(s); });
  }

  // The payload is never empty, so that it can be a tensor: a stream without words is one zero byte.
  static void store(Group& group, std::size_t i, Choice& choice) {
    const auto& payload = choice.coded.payload;
    const TensorRef out = group.arena().alloc_tensor(Shape{std::max<std::uint64_t>(1, payload.size())}, DType::u8);
    std::byte* const target = group.arena().data(out);
    *target = std::byte{0};
    std::ranges::copy(payload, target);
    group.output_item(i, {out, {Kind::bitstream, DType::u8, out.shape(), {}}, nullptr});
    auto& side_info = choice.trial.side_info;  // its memory, which is no longer needed
    side_info.assign(1, std::byte{choice.coder->wire_id()});
    side_info.insert(side_info.end(), choice.coded.side_info.begin(), choice.coded.side_info.end());
    group.side_info(i, side_info);
  }

  static void trace(Group& group, std::span<const Choice> chosen) {
    double payload = 0, side_info_bits = 0;
    for (const SymbolCoder* coder : symbol_coders()) {
      const auto n = std::ranges::count_if(chosen, [&](const Choice& c) { return c.coder == coder; });
      if (n != 0) group.note(std::to_string(n) + " x coder " + std::string(coder->name()));
    }
    for (const auto& c : chosen) {
      payload += static_cast<double>(c.coded.payload.size()) * 8;
      side_info_bits += static_cast<double>(c.coded.side_info.size() + 1) * 8;
    }
    auto& values = group.trace().values;
    values.emplace_back("symbols", static_cast<double>(group.spec().shape.elements() * group.size()));
    values.emplace_back("coded_bits", payload);
    values.emplace_back("table_bits", side_info_bits);
  }

  const SymbolCoder* only_;  ///< nullptr: the smallest of all
};

// What the coder wrote: a bitstream of one byte 0 stands for nothing.
std::span<const std::byte> payload_of(std::span<const std::byte> bitstream) {
  const bool none = bitstream.size() == 1 && bitstream[0] == std::byte{0};
  return none ? bitstream.first(0) : bitstream;
}

class Decode final : public DescribedSystem {
 public:
  explicit Decode(const Settings<NoOptions>& s)
      : DescribedSystem(s, {.inputs = {{Kind::bitstream, ""}},
                            .outputs = {{Kind::symbols, ""}},
                            .inverse_of = "ans",
                            .ragged = true}) {}

  void run(Group& group) const override {
    const Spec& target = group.undone_step(0)->input;
    const auto subbands = subbands_of(target);
    const TensorRef all = group.output(target);
    std::size_t work = 0;
    for (std::size_t i = 0; i < group.size(); ++i) work = std::max(work, work_bytes(*group.undone_step(i), subbands));
    const SlotWorkspaces workspaces(group, "ans", work);
    for_each_entity(group, [&](std::size_t i, std::size_t slot) {
      decode_item(group, i, subbands, workspaces.of_slot(slot), group.arena().subref_axis0(all, i));
    });
  }

 private:
  static std::size_t work_bytes(const TrailStep& node, std::span<const Subband> subbands) {
    const SymbolCoder* const coder = coder_named_by(node.side_info);
    return coder == nullptr ? 0 : coder->work_bytes(subbands);  // decode_item will say what is wrong
  }

  static void decode_item(Group& group, std::size_t i, std::span<const Subband> subbands, const Workspace& work,
                          const TensorRef& out) {
    const auto side_info = group.undone_step(i)->side_info;
    if (side_info.empty()) throw Error(ErrorCode::corrupt_stream, "ans side information: it is empty");
    const SymbolCoder& coder = find_coder(std::to_integer<std::uint8_t>(side_info[0]));
    const auto bytes = std::as_bytes(group.item<std::uint8_t>(0, i));
    const SymbolsOut symbols = with_symbols(group.arena(), out, [](auto item) -> SymbolsOut { return item; });
    auto prior = coder.uses_prior() ? prior_of(group.undone_step(i)->previous) : nullptr;
    coder.decode(side_info.subspan(1), payload_of(bytes), {subbands, std::move(prior), work, group.context().threads},
                 group.context().limits, symbols);
  }
};

std::vector<std::string> coder_names() {
  std::vector<std::string> names{"auto"};
  for (const SymbolCoder* coder : symbol_coders()) names.emplace_back(coder->name());
  return names;
}

const Descriptor<ANSOptions>& encoder() {
  static const Descriptor<ANSOptions> descriptor{
      .name = "ans",
      .class_name = "ANSEncode",
      .topic = "ans",
      .doc =
          "Entropy coder by range asymmetric numeral systems: SymbolsU8 → Bitstream.\n\n"
          "Duda 2013, arXiv 1311.2540. The coders:\n\n"
          "- static: a table of integer frequencies for each subband, or one that several share, or a parametric one "
          "where that is smaller; fast for large streams.\n"
          "- context: a distribution for every coefficient, chosen by its neighbours under a prior that was trained "
          "with the VAE and lies in its folder; smallest for pictures, needs the model to decode.\n"
          "- constriction: the words that the library of that name writes and reads (AnsCoder with the model "
          "Categorical(counts / counts.sum(), perfect=False) for each subband); for exchange, so auto never takes "
          "it.\n"
          "- mixing: each sample of the planes that Predict makes of a picture is predicted and coded as binary "
          "decisions under probabilities that adapt as they go, in tiles that decode in parallel; likewise each index "
          "that QuantizeBands makes, in the context of its neighbours.\n"
          "- auto: the smallest of all but constriction.\n\n"
          "The file says which it was. Raises BadParameter where the symbols do not fit the coder that was named: "
          "context needs wavelet bands of a model with a prior, mixing the planes of Predict or the bands of "
          "QuantizeBands.",
      .inverse = "ans_decode",
      .wire_id = wire::ans,
      .params = {{"coder", &ANSOptions::coder, ParamRange::one_of(coder_names()), "which coder to use",
                  never_in_files}},
      .make = make_of<Encode>};
  return descriptor;
}

const Descriptor<>& decoder() {
  static const Descriptor<> descriptor{.name = "ans_decode",
                                       .class_name = "ANSDecode",
                                       .topic = "ans",
                                       .doc =
                                           "Undoes ANSEncode: Bitstream → SymbolsU8.\n\n"
                                           "Raises CorruptStream for anything that no encoder wrote.",
                                       .role = Role::inverse,
                                       .make = make_of<Decode>};
  return descriptor;
}

}  // namespace

StreamInfo stream_info(const Component& bitstream) {
  if (bitstream.trail == nullptr || dynamic_cast<const Encode*>(bitstream.trail->system) == nullptr) {
    throw Error(ErrorCode::contract, "this component was not made by ANSEncode");
  }
  const Spec& symbols = bitstream.trail->input;
  StreamInfo out;
  out.n_symbols = symbols.shape.elements();
  out.payload_bytes = bitstream.data.bytes();
  out.side_info_bytes = bitstream.trail->side_info.size();
  const auto side_info = bitstream.trail->side_info;
  if (side_info.empty()) throw Error(ErrorCode::corrupt_stream, "ans side information: it is empty");
  const SymbolCoder& coder = find_coder(std::to_integer<std::uint8_t>(side_info[0]));
  out.coder = coder.name();
  if (&coder == &static_coder()) {
    const std::uint32_t max_symbol = symbols.dtype == DType::u8 ? 255 : 65535;
    const auto subbands = subbands_of(symbols);
    out.model = stream_tables(read_model(side_info.subspan(1), subbands, max_symbol, {}), subbands, max_symbol);
  }
  if (&coder == &constriction_coder()) out.counts = constriction_counts(side_info.subspan(1), subbands_of(symbols));
  return out;
}

namespace {

// The mean over a subband's parts, from symbol 0 on.
std::vector<std::vector<double>> of_tables(const StreamTables& model) {
  std::vector<std::vector<double>> out(model.table_of_subband.size());
  for (const auto& part : model.parts) {
    const StreamTables::Table& table = model.tables.at(part.table);
    auto& sum = out.at(part.subband);
    sum.resize(std::max(sum.size(), table.first + table.freq.size()));
    const double weight = std::ldexp(static_cast<double>(part.symbols), -static_cast<int>(table.precision_bits));
    for (std::size_t i = 0; i < table.freq.size(); ++i) sum[table.first + i] += weight * table.freq[i];
  }
  return out;
}

std::vector<std::vector<double>> normalized(std::vector<std::vector<double>> all) {
  for (auto& one : all) {
    const double sum = std::accumulate(one.begin(), one.end(), 0.0);
    for (double& p : one) p = sum > 0 ? p / sum : 0;
  }
  return all;
}

std::vector<std::vector<double>> of_decoded(World& world, const Component& bitstream, const SymbolCoder& coder) {
  const Arena::Mark mark = world.arena().mark();
  const Spec& symbols = bitstream.trail->input;
  const auto subbands = subbands_of(symbols);
  const std::size_t work = std::max<std::size_t>(1, coder.work_bytes(subbands));
  const TensorRef room = world.arena().alloc_tensor({work}, DType::u8);
  const TensorRef out = world.arena().alloc_tensor(symbols.shape, symbols.dtype);
  const auto into = with_symbols(world.arena(), out, [](auto item) -> SymbolsOut { return item; });
  const Pyramid pyramid{subbands, prior_of(bitstream.trail->previous),
                        Workspace(std::as_writable_bytes(world.arena().view<std::uint8_t>(room))), 1};
  const auto payload = std::as_bytes(world.arena().view<std::uint8_t>(bitstream.data));
  auto found = coder.distributions(bitstream.trail->side_info.subspan(1), payload_of(payload), pyramid, into);
  world.arena().rewind(mark);
  return found;
}

}  // namespace

std::vector<std::vector<double>> stream_probabilities(World& world, const Component& bitstream) {
  const StreamInfo info = stream_info(bitstream);
  const SymbolCoder& coder = find_coder(info.coder);
  if (&coder == &static_coder()) return normalized(of_tables(info.model));
  if (&coder != &constriction_coder()) return of_decoded(world, bitstream, coder);
  std::vector<std::vector<double>> counts;
  for (const auto& of_band : info.counts) {
    counts.emplace_back(of_band.begin(), of_band.end());
    counts.back().resize(std::max<std::size_t>(2, of_band.size()));  // constriction's Categorical takes two at least
  }
  return normalized(std::move(counts));
}

void register_ans() {
  register_system(encoder().entry());
  register_system(decoder().entry());
}

SystemPtr ANSEncode(const ANSOptions& options) { return encoder()(options); }
SystemPtr ANSDecode() { return decoder()(); }

}  // namespace vaerans
