// Descriptor: all that is to be said of a system, once, beside its code.
//
// A struct of options holds the defaults; a Descriptor names the system and binds each member of that struct to a
// parameter with its range, its one line of text and its number in files. From the two follow the parsing of recipes
// and files, the checks of ranges, `vaerans systems`, the classes of Python, and docs/reference/systems.md.
//
//   struct BlurOptions { double sigma = 1.5; };
//
//   class Blur final : public DescribedSystem {
//    public:
//     explicit Blur(const Settings<BlurOptions>& s)
//         : DescribedSystem(s, {.inputs = {{Kind::image, ""}}, .outputs = {{Kind::image, "BlurRGB"}}}),
//           sigma_(s.options.sigma) {}
//     void run(Group& group) const override;
//    …
//   };
//
//   const Descriptor<BlurOptions> blur{
//       .name = "blur", .class_name = "GaussianBlur", .doc = "Gaussian blur of a picture.", .role = Role::filter,
//       .params = {{"sigma", &BlurOptions::sigma, ParamRange::above(0).up_to(100), "standard deviation in pixels"}},
//       .make = make_of<Blur>};
//
//   register_system(blur.entry());                  // recipes now know blur(sigma=2)
//   const SystemPtr system = blur({.sigma = 2});    // and so does C++
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "vaerans/core/registry.hpp"

namespace vaerans {

/// What a system without parameters has.
struct NoOptions {};

/// What an instance knows of its own description.
struct Identity {
  std::string name;
  Role role = Role::forward;
  std::string inverse;  ///< name of the system that undoes it, or empty
  ParamList shown;      ///< what its recipe says
};

/// What a system is made from: checked options.
template <typename Options>
struct Settings : Identity {
  Options options;
};

/// A parameter that lives in the member of a struct, whose initialiser is its default: bool, std::int64_t, double or
/// std::string.
template <typename Options>
struct Option {
  template <typename T>
  Option(std::string name, T Options::* member, ParamRange range = {}, std::string doc = {}, std::uint8_t wire_id = 0)
      : name(std::move(name)),
        range(std::move(range)),
        doc(std::move(doc)),
        wire_id(wire_id),
        value([member](const Options& options) { return ParamValue(options.*member); }),
        set([member](Options& options, const ParamValue& to) { options.*member = std::get<T>(to); }) {}

  std::string name;
  ParamRange range;
  std::string doc;
  std::uint8_t wire_id;
  std::function<ParamValue(const Options&)> value;
  std::function<void(Options&, const ParamValue&)> set;
};

/// See the top of this file. The members are those of SystemEntry, with options in place of parameters.
template <typename Options = NoOptions>
struct Descriptor {
  std::string name, class_name;
  std::string topic{};
  std::string doc{};
  Role role = Role::forward;
  std::string inverse{};
  std::uint16_t wire_id = 0;
  std::vector<Option<Options>> params{};
  std::function<std::shared_ptr<const System>(const Settings<Options>&)> make;

  [[nodiscard]] std::vector<ParamSpec> specs() const {
    std::vector<ParamSpec> out;
    const Options defaults{};
    for (const auto& p : params) out.push_back({p.name, p.value(defaults), p.range, p.doc, p.wire_id});
    return out;
  }
  [[nodiscard]] ParamList values(const Options& options) const {
    ParamList out;
    for (const auto& p : params) out.emplace_back(p.name, p.value(options));
    return out;
  }
  /// What a recipe says of a system with these options.
  [[nodiscard]] ParamList shown(const Options& options) const { return shown_of(specs(), values(options)); }

  [[nodiscard]] SystemEntry entry() const {
    const auto self = std::make_shared<const Descriptor>(*this);  // shared: entries are copied at every look-up
    const auto from_params = [self](const Params& checked) { return self->make(self->settings(checked)); };
    return {name, class_name, topic, doc, role, inverse, wire_id, specs(), from_params};
  }
  /// Throws Error(bad_parameter) for what is out of range.
  [[nodiscard]] Settings<Options> settings(const Options& options) const {
    return settings(Params(name, specs(), values(options)));
  }
  [[nodiscard]] Settings<Options> settings(const Params& checked) const {
    Settings<Options> out{{name, role, inverse, checked.shown()}, {}};
    for (std::size_t i = 0; i < params.size(); ++i) params[i].set(out.options, checked.all()[i].second);
    return out;
  }
  /// Makes the system. Throws Error(bad_parameter) for what is out of range.
  [[nodiscard]] std::shared_ptr<const System> operator()(const Options& options = {}) const {
    return make(settings(options));
  }
};

/// For Descriptor::make: a class that is made from its Settings.
template <typename Class>
struct MakeOf {
  template <typename Options>
  std::shared_ptr<const System> operator()(const Settings<Options>& settings) const {
    return std::make_shared<Class>(settings);
  }
};
template <typename Class>
inline constexpr MakeOf<Class> make_of{};

/// A system that has a Descriptor: its contract's name and role, its parameters and its inverse follow from that.
class DescribedSystem : public System {
 public:
  DescribedSystem(Identity identity, Contract contract)
      : identity_(std::move(identity)), contract_(std::move(contract)) {
    contract_.name = identity_.name;
    contract_.role = identity_.role;
  }
  [[nodiscard]] const Contract& contract() const override { return contract_; }
  [[nodiscard]] ParamList params() const override { return identity_.shown; }
  [[nodiscard]] std::shared_ptr<const System> inverse() const override {
    return identity_.inverse.empty() ? nullptr : make_system(identity_.inverse);
  }

 private:
  Identity identity_;
  Contract contract_;
};

}  // namespace vaerans
