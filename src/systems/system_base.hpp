// What every built-in system shares: its contract, its parameters, and how a kernel's status becomes an error.
#pragma once

#include <string>
#include <utility>

#include "core/parallel.hpp"
#include "kernels/status.hpp"
#include "vaerans/core/error.hpp"
#include "vaerans/core/registry.hpp"
#include "vaerans/core/system.hpp"

namespace vaerans {

class SystemBase : public System {
 public:
  SystemBase(Contract contract, const Params& params) : contract_(std::move(contract)), params_(params.shown()) {}
  [[nodiscard]] const Contract& contract() const override { return contract_; }
  [[nodiscard]] ParamList params() const override { return params_; }

 private:
  Contract contract_;
  ParamList params_;
};

/// Throws Error(internal) unless ok: for kernels that can only fail if the caller has a bug.
inline void require_ok(kernels::Status status, const char* what) {
  if (status == kernels::Status::ok) return;
  throw Error(ErrorCode::internal, std::string(what) + ": " + kernels::to_string(status));
}

/// Runs body(i) for every entity of a group on the pool; an Error fails that entity alone.
template <typename Body>
void for_each_entity(Group& group, Body body) {
  parallel_for(group.context().threads, group.size(), [&](std::size_t i, std::size_t) {
    try {
      body(i);
    } catch (const Error& error) {
      group.fail(i, error);
    }
  });
}

/// "channel 2, level 3 HL": how messages name a section.
[[nodiscard]] inline std::string section_name(const Section& s) {
  return "channel " + std::to_string(s.channel) + ", level " + std::to_string(s.level) + " " +
         std::string(band_name(s.band));
}

template <typename T>
[[nodiscard]] std::span<T> part(std::span<T> item, const Section& section) {
  return item.subspan(section.offset, section.size());
}

}  // namespace vaerans
