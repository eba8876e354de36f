#include "core/python_system.hpp"

#include <nanobind/stl/string.h>

#include <utility>

#include "convert.hpp"
#include "core/component.hpp"
#include "error.hpp"

namespace vaerans::python {
namespace {

/// Calls `work` with the GIL held; what Python raises becomes an Error.
template <typename Work>
auto call_python(const System& system, Work work) {
  const nb::gil_scoped_acquire gil;
  if (!gil) throw Error(ErrorCode::internal, system.recipe() + ": the Python interpreter has ended");
  try {
    return work();
  } catch (nb::python_error& raised) {
    throw error_of(raised, system.recipe());
  } catch (const nb::cast_error&) {
    throw Error(ErrorCode::contract, system.recipe() + ": a method returned a value of the wrong type");
  }
}

/// The group is closed on every way out: a Python object that outlives the call must not reach into it.
struct GroupScope {
  GroupScope(Group& group, const Contract& contract) : object(group_object(group, contract)) {}
  ~GroupScope() { close_group(object); }
  nb::object object;
};

bool overrides(nb::handle object, const char* method) {
  const nb::object base = nb::module_::import_("vaerans_ecs.systems").attr("System");
  return !nb::handle(object.type()).attr(method).is(base.attr(method));
}

}  // namespace

PythonSystem::PythonSystem(nb::handle object) : object_(nb::borrow(object)) {
  const nb::object contract = object.attr("contract");
  if (!nb::try_cast(contract, contract_)) {
    throw Error(ErrorCode::contract, "the `contract` of a System must be a Contract(...)");
  }
  const nb::object params = object.attr("params")();
  if (!nb::isinstance<nb::dict>(params)) {
    throw Error(ErrorCode::contract, "params() of a System gives a dict of its parameters by name");
  }
  params_ = params_of(nb::borrow<nb::dict>(params));
  describes_ = overrides(object, "describe");
}

SystemPtr PythonSystem::inverse() const {
  return call_python(*this, [&]() -> SystemPtr {
    const nb::object inverse = object().attr("inverse")();
    return inverse.is_none() ? nullptr : system_of(inverse);
  });
}

Spec PythonSystem::describe(const Spec& input, std::span<const std::byte> side_info, Arena& arena,
                            const Limits& limits) const {
  if (!describes_) return System::describe(input, side_info, arena, limits);
  return call_python(*this, [&] {
    const nb::object made = object().attr("describe")(SpecObject(input), to_bytes(side_info));
    return nb::cast<SpecObject>(made).in(arena);
  });
}

void PythonSystem::run(Group& group) const {
  call_python(*this, [&] {
    const GroupScope scope(group, contract_);
    object().attr("run")(scope.object);
  });
}

}  // namespace vaerans::python
