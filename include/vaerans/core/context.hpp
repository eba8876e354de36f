// Context: how a run is done, and the trace of what it did.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "vaerans/base/limits.hpp"
#include "vaerans/core/tensor.hpp"
#include "vaerans/core/world_fwd.hpp"

namespace vaerans {

/// Shape and element type of one tensor in a trace.
struct TraceTensor {
  std::string key, dtype;
  std::vector<std::uint64_t> shape;  ///< with the batch axis
  std::uint64_t bytes = 0;           ///< all the group's entities together
  double entropy_bits = 0;           ///< outputs: estimate of the zero-order entropy, bits for each element
  std::string entropy_at;            ///< what was counted: "step 1.5", or the element type; empty: no estimate
};

/// What one step did to one group.
struct TraceRecord {
  std::string system;  ///< as in a recipe, with its parameters
  std::vector<EntityId> entities;
  std::vector<TraceTensor> inputs, outputs;
  std::uint64_t bytes_in = 0, bytes_out = 0;
  std::uint64_t bytes_gathered = 0;  ///< copied to make a batch contiguous; 0 on the fast path
  double seconds = 0;                ///< the whole step
  std::uint64_t seed = 0;
  std::vector<std::string> notes;  ///< such as "levels clamped from 8 to 6"
  /// Further numbers by name: "session_seconds", "entropy_bits_per_symbol", "coded_bits", "table_bits", "psnr_db"…
  std::vector<std::pair<std::string, double>> values;
};

/// Records in the order in which steps ended. Any number of threads may run with one trace, and read it meanwhile.
class Trace {
 public:
  void add(TraceRecord record);
  /// A copy of what is there, without the first `from` records.
  [[nodiscard]] std::vector<TraceRecord> records(std::size_t from = 0) const;
  [[nodiscard]] std::size_t size() const;
  void clear();

 private:
  mutable std::mutex mutex_;
  std::vector<TraceRecord> records_;
};
[[nodiscard]] std::string to_json(const Trace& trace);

enum class OnError : std::uint8_t {
  raise,    ///< the first failure is thrown, naming its entity
  collect,  ///< failed entities are left out of later steps and reported in the result
};

/// Policy for a run. Copy it, change it, pass it: it holds no resources.
struct Context {
  std::string device = "auto";  ///< where models run: "auto", "cpu", "cuda", "cuda:1", or a list of execution providers
  unsigned threads = 0;         ///< 0: as many as the machine has
  std::uint64_t seed = 0;       ///< seeds every random draw
  Limits limits;
  OnError on_error = OnError::raise;
  Trace* trace = nullptr;  ///< records are added here if set
  /// f16 keeps latents and coefficients between steps in half precision, in half the memory; systems see f32. Calls
  /// that make or read a file always keep f32: a file decodes to the same picture whoever reads it.
  DType dtype = DType::f32;
  /// Where a trace estimates the entropy of floats: at this quantiser step; 0: at their own resolution. A pipeline sets
  /// it to the step that its quantiser will use.
  double entropy_step = 0;
  /// false: what a step replaces goes away with its memory, and in a Pipeline what it has consumed, unless a later step
  /// reads that. compress() and decompress() do so, since nobody can ask for it afterwards.
  bool keep = true;
};

}  // namespace vaerans
