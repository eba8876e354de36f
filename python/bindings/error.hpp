// C++ errors as Python exceptions, and the other way round.
#pragma once

#include <string>

#include "bindings.hpp"
#include "vaerans/core/pipeline.hpp"

namespace vaerans::python {

/// The exception object of a failure that was collected, ready to be raised.
[[nodiscard]] nb::object exception_of(const Failure& failure);
/// Raises it.
[[noreturn]] void raise_failure(const Failure& failure);

/// What a Python system raised, as the Error that the scheduler expects: "<step>: ValueError: … (file.py, line 12)".
/// The exception is remembered and becomes the __cause__ of the one that is raised in the end. What is no Exception
/// (KeyboardInterrupt, SystemExit) goes through to the caller of the library instead. Needs the GIL.
[[nodiscard]] Error error_of(nb::python_error& raised, const std::string& step);

/// What a model's Python function raised, with the text of its traceback: Error(inference), unless it raised an error
/// of vaerans itself. The exception is remembered as error_of does. Needs the GIL.
[[nodiscard]] Error inference_error_of(nb::python_error& raised, const std::string& label);

}  // namespace vaerans::python
