#include "systems/quantize/quantizer.hpp"

#include <algorithm>
#include <cmath>

#include "base/parallel.hpp"
#include "coding/symbols.hpp"
#include "systems/system_base.hpp"
#include "vaerans/core/world.hpp"

namespace vaerans {
namespace {

// Row s of component QuantParams.
void write_params(Group& group, std::size_t i, const QuantRows& rows) {
  const TensorRef table = group.arena().alloc_tensor(Shape{rows.size(), 3}, DType::f32);
  auto out = group.view<float>(table).begin();
  for (const QuantRow& row : rows) {
    *out++ = row.scale;
    *out++ = row.bias;
    *out++ = static_cast<float>(row.offset);
  }
  group.output_item(i, {table, {Kind::parameters, DType::f32, table.shape(), {}}, nullptr}, 1);
}

/// Where each entity's symbols go: one tensor for all of them where they have one type. Where they do not, each gets a
/// tensor of its own type, which is what a reader of its file infers; coders depend on that.
void allocate_symbols(Group& group, std::span<Quantized> plans) {
  const Spec& input = group.spec();
  const auto differs = [&](const Quantized& q) { return q.dtype != plans[0].dtype; };
  if (std::ranges::none_of(plans, differs)) {
    const TensorRef all = group.output({Kind::symbols, plans[0].dtype, input.shape, input.subbands});
    for (std::size_t i = 0; i < plans.size(); ++i) plans[i].symbols = group.arena().subref_axis0(all, i);
    return;
  }
  for (std::size_t i = 0; i < plans.size(); ++i) {
    if (group.failed(i)) continue;
    plans[i].symbols = group.arena().alloc_tensor(input.shape, plans[i].dtype);
    group.output_item(i, {plans[i].symbols, {Kind::symbols, plans[i].dtype, input.shape, input.subbands}, nullptr});
  }
}

void trace_entropy(Group& group, std::span<const Quantized> plans, std::span<const Subband> subbands) {
  if (group.context().trace == nullptr) return;
  double sum = 0;
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group.failed(i)) continue;
    sum += with_symbols(group.arena(), plans[i].symbols, [&]<typename T>(std::span<T> symbols) {
      return entropy_bits_per_symbol(std::span<const T>(symbols), subbands);
    });
  }
  group.trace().values.emplace_back("entropy_bits_per_symbol", sum / static_cast<double>(group.size()));
}

}  // namespace

kernels::Range finite_range(std::span<const float> x, const Subband& subband) {
  const kernels::Range range = kernels::min_max(x);
  if (range.finite) return range;
  throw Error(ErrorCode::non_finite,
              subband_name(subband) + " holds NaN or infinity; check the model's input and output");
}

Quantizer::Quantizer(const Identity& identity)
    : DescribedSystem(identity, {.inputs = {{Kind::bands, ""}},
                                 .outputs = {{Kind::symbols, "SymbolsU8"}, {Kind::parameters, "QuantParams"}},
                                 .also_accepts = {Kind::planes}}) {}

Spec Quantizer::describe(const Spec& input, std::span<const std::byte> side_info, Arena&, const Limits&) const {
  if (input.kind != Kind::bands && input.kind != Kind::planes) {
    throw Error(ErrorCode::contract,
                contract().name + " needs bands or planes, not " + std::string(kind_name(input.kind)));
  }
  return {Kind::symbols, symbol_type(side_info), input.shape, input.subbands};
}

void Quantizer::run(Group& group) const {
  const Spec& input = group.spec();
  const auto subbands = subbands_of(input);
  const std::size_t n = input.shape.elements();
  const auto indices = group.view<std::int32_t>(group.world().scratch("quantize", Shape{group.size(), n}, DType::i32));
  const SlotWorkspaces workspaces(group, "quantize.work", work_bytes(subbands));
  RecycledVector<Quantized> plans(group.size());
  for_each_entity(group, [&](std::size_t i, std::size_t slot) {
    auto prior = uses_prior() ? prior_of(group.input(0, i).trail) : nullptr;
    plan(group, i, {subbands, std::move(prior), workspaces.of_slot(slot)}, indices.subspan(i * n, n), plans[i]);
  });
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group.failed(i)) plans[i].dtype = DType::u8;
  }
  allocate_symbols(group, plans);
  parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t) {
    if (!group.failed(i)) write(group, i, subbands, plans[i], indices.subspan(i * n, n), plans[i].symbols);
  });
  for (std::size_t i = 0; i < group.size(); ++i) {
    if (group.failed(i)) continue;
    group.side_info(i, plans[i].side_info);
    write_params(group, i, plans[i].rows);
  }
  trace_entropy(group, plans, subbands);
}

// ---- and back ----------------------------------------------------------------------------------------------------

namespace {

// Integers are undone by whole steps; a file may say anything.
std::int32_t whole_step(float scale) {
  if (scale >= 1 && scale <= 65536 && scale == std::floor(scale)) return static_cast<std::int32_t>(scale);
  throw Error(ErrorCode::corrupt_stream, "dequantize: integer coefficients with a step that is not whole");
}

class DequantizeSystem final : public DescribedSystem {
 public:
  explicit DequantizeSystem(const Settings<NoOptions>& s)
      : DescribedSystem(
            s,
            {.inputs = {{Kind::symbols, ""}}, .outputs = {{Kind::bands, ""}}, .inverse_of = "quantize|quantize_u8"}) {}

  void run(Group& group) const override {
    const Spec& target = group.undone_step(0)->input;
    const auto subbands = subbands_of(target);
    const TensorRef all = group.output(target);
    for_each_entity(group, [&](std::size_t i) {
      const TrailStep& node = *group.undone_step(i);
      QuantRows rows;
      dynamic_cast<const Quantizer&>(*node.system).read_rows(node.side_info, subbands.size(), rows);
      restore(group, i, subbands, rows, group.arena().subref_axis0(all, i));
    });
  }

 private:
  static void restore(Group& group, std::size_t i, std::span<const Subband> subbands, const QuantRows& rows,
                      const TensorRef& out) {
    with_symbols(group.arena(), group.input(0, i).data, [&]<typename Symbol>(std::span<Symbol> symbols) {
      for (std::size_t s = 0; s < subbands.size(); ++s) {
        const std::span<const Symbol> in = part(symbols, subbands[s]);
        const QuantRow& row = rows[s];
        if (out.dtype() == DType::f32) {
          kernels::dequantize(in, row.offset, row.scale, row.bias, part(group.view<float>(out), subbands[s]));
        } else if (out.dtype() == DType::i16) {
          kernels::dequantize_int(in, row.offset, whole_step(row.scale),
                                  part(group.view<std::int16_t>(out), subbands[s]));
        } else {
          kernels::dequantize_int(in, row.offset, whole_step(row.scale),
                                  part(group.view<std::int32_t>(out), subbands[s]));
        }
      }
    });
  }
};

}  // namespace

const Descriptor<>& dequantize_descriptor() {
  static const Descriptor<> descriptor{.name = "dequantize",
                                       .class_name = "Dequantize",
                                       .topic = "quantize",
                                       .doc =
                                           "Undoes either quantiser: SymbolsU8 → the coefficients, of the type that "
                                           "it was given.",
                                       .role = Role::inverse,
                                       .make = make_of<DequantizeSystem>};
  return descriptor;
}

}  // namespace vaerans
