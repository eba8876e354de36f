// Systems as Python holds them: a native one behind a handle, or a Python class that the library calls.
#pragma once

#include <memory>

#include "bindings.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans::python {

/// The C++ part of every instance of vaerans_ecs.System.
struct SystemHandle {
  SystemPtr native;                          ///< nullptr: the Python class does the work
  mutable std::weak_ptr<const System> mine;  ///< the PythonSystem that stands for this object, if one is alive
};

/// A Python object that C++ code may drop in any thread, with or without the GIL, and after the interpreter is gone.
class SharedObject {
 public:
  explicit SharedObject(nb::object object);
  [[nodiscard]] nb::handle get() const noexcept { return object_.get(); }

 private:
  std::shared_ptr<PyObject> object_;
};

/// What the library runs for an instance of System. Throws Error(contract) for anything else. Needs the GIL.
[[nodiscard]] SystemPtr system_of(nb::handle object);

/// The Python object of a system: the class that vaerans_ecs.systems has for it. Needs the GIL.
[[nodiscard]] nb::object system_object(const SystemPtr& system);

/// A Group is handed to Python for the time of one call.
[[nodiscard]] nb::object group_object(Group& group, const Contract& contract);
void close_group(nb::handle group) noexcept;

}  // namespace vaerans::python
