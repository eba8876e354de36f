#include "error.hpp"

#include <nanobind/stl/string.h>

#include <unistd.h>

#include <chrono>
#include <exception>
#include <memory>
#include <new>
#include <utility>

#include "convert.hpp"
#include "vaerans/base/error.hpp"
#include "vaerans/base/interrupt.hpp"

namespace vaerans::python {
namespace {

constexpr std::uint16_t highest_code = 999;

/// The last exception of a Python system in this thread. A plain pointer: a destructor at thread exit would run
/// without the GIL. At most one object stays behind per thread.
struct Raised {
  std::string message;
  PyObject* exception = nullptr;
};
thread_local Raised last_raised;

/// Ctrl-C, or a SystemExit: no failure of a picture, but an end of the call. It is no std::exception, so that nothing
/// on its way takes it for an error that can be collected.
class Ended {
 public:
  explicit Ended(nb::python_error& raised) : raised_(std::make_shared<nb::python_error>(std::move(raised))) {}
  void restore() const { raised_->restore(); }

 private:
  std::shared_ptr<nb::python_error> raised_;  // shared: thrown objects are copied
};

void let_end(nb::python_error& raised) {
  // NOLINTNEXTLINE(bugprone-std-exception-baseclass): see Ended
  if (!raised.matches(PyExc_Exception)) throw Ended(raised);
}

/// Only the process's first thread runs Python's signal handlers.
bool in_first_thread() {
  thread_local const bool first = ::gettid() == ::getpid();
  return first;
}

/// Lets Ctrl-C end a call that works without the GIL: Python's handlers run, and what they raise ends the call.
void heed_signals() {
  using Clock = std::chrono::steady_clock;
  thread_local Clock::time_point asked;
  if (!in_first_thread() || Clock::now() - asked < std::chrono::milliseconds(50)) return;
  asked = Clock::now();
  const nb::gil_scoped_acquire gil;
  if (PyErr_CheckSignals() == 0) return;
  nb::python_error raised;  // takes the pending exception
  // NOLINTNEXTLINE(bugprone-std-exception-baseclass): see Ended
  throw Ended(raised);
}

void remember(std::string message, nb::handle exception) {
  Py_XDECREF(last_raised.exception);
  last_raised = {std::move(message), exception.inc_ref().ptr()};
}

nb::object make_exception(ErrorCode code, const std::string& message) {
  const nb::object make = nb::module_::import_("vaerans_ecs.errors").attr("make");
  nb::object made = make(static_cast<int>(code), std::string(error_name(code)), shown(message));
  // Only an error whose text carries the remembered one's was caused by it.
  if (last_raised.exception != nullptr && message.find(last_raised.message) != std::string::npos) {
    PyException_SetCause(made.ptr(), std::exchange(last_raised.exception, nullptr));
  }
  return made;
}

void set_error(const Error& error, const ArenaFull* full) {
  try {
    const nb::object made = make_exception(error.code(), error.what());
    if (full != nullptr) {
      made.attr("asked") = full->asked;
      made.attr("left") = full->left;
      made.attr("capacity") = full->capacity;
    }
    PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
  } catch (nb::python_error& e) {  // such as a shutdown in which the package is gone already
    e.restore();
  }
}

void translate(const std::exception_ptr& thrown, void*) {
  try {
    std::rethrow_exception(thrown);
  } catch (const ArenaFull& e) {
    set_error(e, &e);
  } catch (const Error& e) {
    set_error(e, nullptr);
  } catch (const nb::cast_error&) {  // where nobody said what the value should have been
    set_error({ErrorCode::invalid_argument, "a value of another type than is meant here, or a text that is none"},
              nullptr);
  } catch (const std::bad_alloc&) {
    PyErr_SetString(PyExc_MemoryError, "there is not enough memory");
  } catch (const Ended& e) {
    e.restore();
  }
}

nb::dict error_codes() {
  nb::dict codes;
  const auto fallback = error_name(static_cast<ErrorCode>(0));
  for (std::uint16_t value = 1; value <= highest_code; ++value) {
    const std::string name(error_name(static_cast<ErrorCode>(value)));
    if (name != fallback) codes[name.c_str()] = value;
  }
  return codes;
}

ErrorCode code_of(const nb::python_error& raised) {
  const nb::handle exception = raised.value();
  const nb::object base = nb::module_::import_("vaerans_ecs.errors").attr("VaeransError");
  if (nb::isinstance(exception, base)) return static_cast<ErrorCode>(nb::cast<int>(exception.attr("value")));
  if (raised.matches(PyExc_MemoryError)) return ErrorCode::arena_full;
  return ErrorCode::invalid_argument;
}

/// "ValueError: too small (dct.py, line 12)"
std::string describe(const nb::python_error& raised) {
  const nb::object last_line = nb::module_::import_("vaerans_ecs.errors").attr("last_line");
  return printed(last_line(raised.value()));
}

}  // namespace

nb::object exception_of(const Failure& failure) {
  const nb::object made = make_exception(failure.code, failure.message);
  made.attr("entity") = failure.entity;
  made.attr("step") = shown(failure.step);
  return made;
}

void raise_failure(const Failure& failure) {
  const nb::object made = exception_of(failure);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(made.ptr())), made.ptr());
  throw nb::python_error();
}

Error error_of(nb::python_error& raised, const std::string& step) {
  let_end(raised);
  const std::string message = step + ": " + describe(raised);
  remember(message, raised.value());
  return {code_of(raised), message};
}

Error inference_error_of(nb::python_error& raised, const std::string& label) {
  let_end(raised);
  const nb::object text = nb::module_::import_("vaerans_ecs.errors").attr("traceback_text")(raised.value());
  const std::string message = label + ": " + printed(text);
  remember(message, raised.value());
  const ErrorCode code = code_of(raised);
  return {code == ErrorCode::invalid_argument ? ErrorCode::inference : code, message};
}

void export_error(nb::module_& m) {
  nb::register_exception_translator(translate);
  set_interrupt_check(heed_signals);
  m.def("error_codes", &error_codes, "The number of every error code, by name.");
}

}  // namespace vaerans::python
