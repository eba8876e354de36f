#include "models/fetch/curl.hpp"

#include <dlfcn.h>

#include <cstdio>
#include <fstream>
#include <memory>

#include "vaerans/base/error.hpp"
#include "vaerans/base/interrupt.hpp"

namespace vaerans::models {
namespace {

// From libcurl's documented ABI, whose numbers of options never change (version 4 of the library, since 2006).
enum Option : int {
  low_speed_limit = 19,
  low_speed_time = 20,
  fail_on_error = 45,
  follow_location = 52,
  max_redirects = 68,
  connect_timeout = 78,
  no_signal = 99,
  protocols = 181,
  redirect_protocols = 182,
  write_data = 10001,
  url_text = 10002,
  user_agent = 10018,
  write_function = 20011,
};
constexpr long http = 1, https = 2;
constexpr long global_all = 3;

struct Curl {
  int (*global_init)(long) = nullptr;
  void* (*easy_init)() = nullptr;
  int (*easy_setopt)(void*, int, ...) = nullptr;
  int (*easy_perform)(void*) = nullptr;
  void (*easy_cleanup)(void*) = nullptr;
  const char* (*easy_strerror)(int) = nullptr;
  std::string problem;  ///< why there is no libcurl; empty: there is
};

template <typename Function>
void resolve(void* library, const char* name, Function& function, std::string& problem) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function == nullptr && problem.empty()) problem = std::string("libcurl has no ") + name;
}

Curl load() {
  Curl out;
  void* library = nullptr;
  for (const char* name : {"libcurl.so.4", "libcurl-gnutls.so.4"}) {
    if (library == nullptr) library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  }
  if (library == nullptr) {
    out.problem =
        "http and https need libcurl, which is not installed (Debian: apt-get install libcurl4). Or download "
        "the model's folder by other means, and name that folder as the source";
    return out;
  }
  resolve(library, "curl_global_init", out.global_init, out.problem);
  resolve(library, "curl_easy_init", out.easy_init, out.problem);
  resolve(library, "curl_easy_setopt", out.easy_setopt, out.problem);
  resolve(library, "curl_easy_perform", out.easy_perform, out.problem);
  resolve(library, "curl_easy_cleanup", out.easy_cleanup, out.problem);
  resolve(library, "curl_easy_strerror", out.easy_strerror, out.problem);
  if (out.problem.empty() && out.global_init(global_all) != 0) out.problem = "libcurl does not start";
  return out;
}

const Curl& curl() {
  static const Curl& instance = *new Curl(load());
  if (!instance.problem.empty()) throw Error(ErrorCode::io, instance.problem);
  return instance;
}

/// Where the bytes go. What stops the transfer is kept, since nothing may be thrown through C.
struct Sink {
  std::ofstream out;
  std::uint64_t most, written = 0;
  std::string problem;
  std::exception_ptr interrupt;
};

std::size_t write(const char* bytes, std::size_t size, std::size_t count, void* to) noexcept {
  auto& sink = *static_cast<Sink*>(to);
  const std::size_t n = size * count;
  try {
    check_interrupt();
  } catch (...) {
    sink.interrupt = std::current_exception();
    return 0;
  }
  sink.written += n;
  if (sink.written > sink.most) {
    sink.problem = "it has more than " + std::to_string(sink.most) + " bytes";
    return 0;
  }
  sink.out.write(bytes, static_cast<std::streamsize>(n));
  if (!sink.out) sink.problem = "the file cannot be written";
  return sink.out ? n : 0;
}

}  // namespace

void download_by_curl(const std::string& url, const std::string& path, std::uint64_t most) {
  const Curl& api = curl();
  Sink sink{std::ofstream(path, std::ios::binary), most, 0, {}, {}};
  if (!sink.out) throw Error(ErrorCode::io, "cannot write " + path);
  const std::unique_ptr<void, void (*)(void*)> handle(api.easy_init(), api.easy_cleanup);
  if (!handle) throw Error(ErrorCode::io, "libcurl does not start");
  const bool secure = url.starts_with("https:");
  for (const auto& [option, value] : {std::pair{no_signal, 1L},
                                      {fail_on_error, 1L},
                                      {follow_location, 1L},
                                      {max_redirects, 10L},
                                      {connect_timeout, 30L},
                                      {low_speed_limit, 16L},
                                      {low_speed_time, 60L},
                                      {protocols, http | https},
                                      {redirect_protocols, secure ? https : http | https}}) {
    api.easy_setopt(handle.get(), option, value);
  }
  api.easy_setopt(handle.get(), url_text, url.c_str());
  api.easy_setopt(handle.get(), user_agent, "vaerans");
  api.easy_setopt(handle.get(), write_function, &write);
  api.easy_setopt(handle.get(), write_data, &sink);
  const int code = api.easy_perform(handle.get());
  sink.out.close();
  if (sink.interrupt) std::rethrow_exception(sink.interrupt);
  if (code == 0 && sink.out) return;
  throw Error(ErrorCode::io, url + ": " + (sink.problem.empty() ? api.easy_strerror(code) : sink.problem));
}

}  // namespace vaerans::models
