// A System whose work is done by a Python object.
#pragma once

#include <string>

#include "core/system.hpp"

namespace vaerans::python {

/// Name, contract and parameters are read once, when the object enters a chain: recipes and checks then need no GIL.
class PythonSystem final : public System {
 public:
  explicit PythonSystem(nb::handle object);

  [[nodiscard]] const Contract& contract() const override { return contract_; }
  [[nodiscard]] ParamList params() const override { return params_; }
  [[nodiscard]] SystemPtr inverse() const override;
  [[nodiscard]] Spec describe(const Spec& input, std::span<const std::byte> side_info, Arena& arena,
                              const Limits& limits) const override;
  void run(Group& group) const override;

  [[nodiscard]] nb::handle object() const noexcept { return object_.get(); }

 private:
  SharedObject object_;
  Contract contract_;
  ParamList params_;
  bool describes_ = false;  ///< the class has a describe() of its own
};

}  // namespace vaerans::python
