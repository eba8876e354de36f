# The libraries that libvaerans stands on. All are private: no public header names one of them.

# require(<package> <apt package> [arguments of find_package]): find_package with an error that says what to install.
macro(require package apt_package)
  find_package(${package} ${ARGN} QUIET)
  if(NOT ${package}_FOUND)
    message(FATAL_ERROR "vaerans needs ${package}, which was not found. On Debian and Ubuntu: "
                        "apt-get install ${apt_package}   (in a clone of the repository: ./dev setup)")
  endif()
endmacro()

require(PkgConfig pkg-config)
require(Threads "libc6-dev")
require(hwy libhwy-dev CONFIG)
require(TBB libtbb-dev CONFIG)
require(nlohmann_json nlohmann-json3-dev CONFIG)
require(OpenSSL libssl-dev)
# Debian's package of libdeflate has no CMake files of its own.
pkg_check_modules(LIBDEFLATE QUIET IMPORTED_TARGET libdeflate)
if(NOT LIBDEFLATE_FOUND)
  message(FATAL_ERROR "vaerans needs libdeflate, which was not found. On Debian and Ubuntu: apt-get install "
                      "libdeflate-dev   (in a clone of the repository: ./dev setup)")
endif()
