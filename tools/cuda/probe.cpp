// What a graph gives and how fast it runs on a device. Reads requests, one a line, and answers each by a line of JSON:
//
//   info                                          the runtime
//   exact GRAPH PROVIDERS LATENTS N C H W         pixels of a decoder on these providers and on the CPU
//   speed GRAPH PROVIDERS N C H W WAY             seconds a run; WAY: host, pinned, device
//   profile GRAPH PROVIDERS N C H W PREFIX        ONNX Runtime's own record of who ran which node
//   chain MODEL DEVICE N HOW                      vae and vae_decode, the library's own steps; HOW: kept, or looked,
//                                                 where the host looks at the latents between the two
//
// check.py asks. One process answers many requests, since CUDA takes seconds to start.
#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <random>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include "base/hash.hpp"
#include "onnx/ort.hpp"
#include "onnx/providers.hpp"
#include "onnx/session.hpp"
#include "vaerans/vaerans.hpp"

namespace vaerans {
namespace {

using Json = nlohmann::ordered_json;
using Clock = std::chrono::steady_clock;
using Arguments = std::span<const std::string>;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

void print(const Json& line) { std::cout << line.dump() << std::endl; }  // flushed: a later line may never come

/// Bytes of the device's memory in use; 0 where there is no CUDA.
std::uint64_t device_bytes_used() {
  void* const library = dlopen("libcudart.so.13", RTLD_NOW);
  if (library == nullptr) return 0;
  using MemGetInfo = int (*)(std::size_t*, std::size_t*);
  const auto ask = reinterpret_cast<MemGetInfo>(dlsym(library, "cudaMemGetInfo"));
  std::size_t free = 0, total = 0;
  return ask != nullptr && ask(&free, &total) == 0 ? total - free : 0;
}

Shape shape_of(Arguments extents) {
  std::vector<std::uint64_t> dims;
  for (const std::string& extent : extents) dims.push_back(std::stoull(extent));
  return Shape(std::span(std::as_const(dims)));
}

std::vector<std::uint8_t> pixels_of(std::span<const float> planes) {
  std::vector<std::uint8_t> pixels(planes.size());
  std::transform(planes.begin(), planes.end(), pixels.begin(),
                 [](float v) { return static_cast<std::uint8_t>(std::nearbyint((v + 1.0F) * 127.5F)); });
  return pixels;
}

std::string digest(const std::vector<std::uint8_t>& pixels) {
  return text_sha256({reinterpret_cast<const char*>(pixels.data()), pixels.size()});
}

onnx::GraphFile graph_of(const std::string& path) { return {path, file_sha256(path), "", ""}; }

std::vector<float> run(const std::string& graph, const onnx::Execution& how, const Shape& in,
                       std::span<const float> values) {
  const auto session = onnx::Session::open(graph_of(graph), how);
  const Shape out{in[0], 3, in[2] * 8, in[3] * 8};
  std::vector<float> made(out.elements());
  session->run(in, values, out, made);
  return made;
}

void info(Arguments) {
  const RuntimeInfo runtime = runtime_info();
  print({{"what", "info"},
         {"library", runtime.library},
         {"version", runtime.version},
         {"providers", runtime.providers},
         {"device_bytes_used", device_bytes_used()}});
}

/// Latents as training/exact/latents.py makes them; all pictures of one call.
void exact(Arguments a) {
  const Shape in = shape_of(a.subspan(3, 4));
  std::vector<float> values(in.elements());
  std::ifstream(a[2], std::ios::binary).read(reinterpret_cast<char*>(values.data()), values.size() * sizeof(float));
  const std::vector<float> cpu = run(a[0], {.device = "cpu", .providers = ""}, in, values);
  const std::vector<float> other = run(a[0], {.providers = a[1]}, in, values);
  const auto expected = pixels_of(cpu), found = pixels_of(other);
  std::uint64_t different = 0;
  int largest = 0;
  double apart = 0;
  for (std::size_t i = 0; i < cpu.size(); ++i) {
    different += expected[i] != found[i] ? 1 : 0;
    largest = std::max(largest, std::abs(expected[i] - found[i]));
    apart = std::max(apart, std::abs(static_cast<double>(cpu[i]) - static_cast<double>(other[i])));
  }
  print({{"what", "exact"},
         {"graph", a[0]},
         {"providers", a[1]},
         {"shape", in.str()},
         {"cpu", digest(expected)},
         {"same", different == 0},
         {"found", digest(found)},
         {"samples", cpu.size()},
         {"different", different},
         {"largest", largest},
         {"apart", apart}});
}

/// A tensor where a run wants it. To the runtime page-locked memory is memory of the host; CUDA knows better.
class Place {
 public:
  Place(const std::string& way, const Ort::Session& session, const Shape& shape)
      : allocator_(session, allocated(way)), memory_(allocator_.GetAllocation(shape.elements() * sizeof(float))) {
    std::vector<std::int64_t> extents;
    for (const auto extent : shape.dims()) extents.push_back(static_cast<std::int64_t>(extent));
    const auto told = way == "device" ? allocated(way) : allocated("host");
    value_ = Ort::Value::CreateTensor(told, memory_.get(), memory_.size(), extents.data(), extents.size(),
                                      ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT);
    if (way != "device") std::memset(memory_.get(), 0, memory_.size());
  }
  const Ort::Value& value() const { return value_; }

 private:
  static Ort::MemoryInfo allocated(const std::string& way) {
    if (way == "device") return {"Cuda", OrtDeviceAllocator, 0, OrtMemTypeDefault};
    if (way == "pinned") return {"CudaPinned", OrtDeviceAllocator, 0, OrtMemTypeCPUOutput};
    return {"Cpu", OrtArenaAllocator, 0, OrtMemTypeDefault};
  }
  Ort::Allocator allocator_;
  Ort::MemoryAllocation memory_;
  Ort::Value value_{nullptr};
};

std::vector<double> times(const std::function<void()>& once) {
  std::vector<double> found;
  const auto start = Clock::now();
  while (found.size() < 200 && (found.empty() || seconds_since(start) < (found.size() < 3 ? 2.0 : 0.4))) {
    const auto begin = Clock::now();
    once();
    found.push_back(seconds_since(begin));
  }
  std::ranges::sort(found);
  return found;
}

/// The time of a run includes the way to the device and back, except for way "device".
void speed(Arguments a) {
  const Shape in = shape_of(a.subspan(2, 4));
  const std::string& way = a[6];
  Ort::Env& env = onnx::environment();
  const auto start = Clock::now();
  const auto options = onnx::session_options(onnx::choose_providers({.providers = a[1]}), 0);
  Ort::Session session(env, a[0].c_str(), options);
  Ort::AllocatorWithDefaultOptions names;
  const auto from_name = session.GetInputNameAllocated(0, names), to_name = session.GetOutputNameAllocated(0, names);
  const double loaded = seconds_since(start);
  const bool decoder = in[1] != 3;
  const auto model_channels = session.GetOutputTypeInfo(0).GetTensorTypeAndShapeInfo().GetShape().at(1);
  const Shape out = decoder ? Shape{in[0], 3, in[2] * 8, in[3] * 8}
                            : Shape{in[0], static_cast<std::uint64_t>(model_channels), in[2] / 8, in[3] / 8};
  Place from(way, session, in), to(way, session, out);
  Ort::IoBinding binding(session);
  binding.BindInput(from_name.get(), from.value());
  binding.BindOutput(to_name.get(), to.value());
  const Ort::RunOptions run;
  const auto once = [&] {
    session.Run(run, binding);
    binding.SynchronizeOutputs();
  };
  const auto first = Clock::now();
  once();
  const double first_run = seconds_since(first);
  const auto found = times(once);
  const double pixels = static_cast<double>(in[0]) * static_cast<double>(in[2] * in[3]) * (decoder ? 64 : 1);
  print({{"what", "speed"},
         {"graph", a[0]},
         {"providers", a[1]},
         {"way", way},
         {"shape", in.str()},
         {"load_s", loaded},
         {"first_s", first_run},
         {"median_s", found[found.size() / 2]},
         {"best_s", found.front()},
         {"runs", found.size()},
         {"mp_s", pixels / found[found.size() / 2] / 1e6},
         {"device_bytes_used", device_bytes_used()}});
}

void profile(Arguments a) {
  const Shape in = shape_of(a.subspan(2, 4));
  Ort::Env& env = onnx::environment();
  auto options = onnx::session_options(onnx::choose_providers({.providers = a[1]}), 0);
  options.EnableProfiling(a[6].c_str());
  Ort::Session session(env, a[0].c_str(), options);
  Ort::AllocatorWithDefaultOptions names;
  const auto from_name = session.GetInputNameAllocated(0, names), to_name = session.GetOutputNameAllocated(0, names);
  Place from("host", session, in);
  Ort::IoBinding binding(session);
  binding.BindInput(from_name.get(), from.value());
  binding.BindOutput(to_name.get(), Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault));
  for (int i = 0; i < 3; ++i) session.Run(Ort::RunOptions{}, binding);
  print({{"what", "profile"},
         {"graph", a[0]},
         {"providers", a[1]},
         {"file", std::string(session.EndProfilingAllocated(names).get())}});
}

/// Smooth colours with some noise, the same everywhere.
std::vector<std::uint8_t> picture(std::uint64_t height, std::uint64_t width, unsigned seed) {
  std::mt19937 noise(seed);
  std::vector<std::uint8_t> pixels(height * width * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const double x = static_cast<double>(i / 3 % width), y = static_cast<double>(i / 3 / width);
    const double wave = std::sin(x / 37 + static_cast<double>(i % 3)) + std::cos(y / 53 + seed);
    pixels[i] = static_cast<std::uint8_t>(128 + 50 * wave + static_cast<double>(noise() % 20));
  }
  return pixels;
}

void spawn(World& world, std::vector<EntityId>& entities, std::uint64_t n, std::uint64_t height, std::uint64_t width) {
  for (std::uint64_t i = 0; i < n; ++i) {
    const auto pixels = picture(height, width, static_cast<unsigned>(i));
    entities.push_back(world.spawn_image({pixels.data(), height, width, 3, 0}));
  }
}

void chain(Arguments a) {
  const std::uint64_t n = std::stoull(a[2]), height = 512, width = 768;
  const bool looked = a[3] == "looked";
  World world(std::uint64_t{2} << 30U);
  std::vector<EntityId> entities;
  spawn(world, entities, n, height, width);
  Context context;
  context.device = a[1];
  const Pipeline encode = Pipeline::parse("vae(" + a[0] + ")"), decode = Pipeline::parse("vae_decode");
  std::vector<double> whole, encoding;
  bool stayed = false;
  const auto begin = Clock::now();
  while (whole.size() < 3 || (whole.size() < 20 && seconds_since(begin) < 1.5)) {
    const auto start = Clock::now();
    encode.run(world, entities, context);
    encoding.push_back(seconds_since(start));
    const Component& latent = world.get(entities.front(), "Latent4");
    std::vector<TensorRef> items;
    for (const EntityId e : entities) items.push_back(world.get(e, "Latent4").data);
    stayed = world.arena().deferred(world.arena().join_axis0(items)) != nullptr;
    if (looked) (void)world.arena().data(latent.data);
    decode.run_from(world, entities, "Latent4", context);
    whole.push_back(seconds_since(start));
  }
  const Component& out = world.get(entities.back(), "ReconRGB");
  const auto shown = world.arena().view<std::uint8_t>(out.data);
  const double first = whole.front();
  whole.erase(whole.begin());
  std::ranges::sort(whole);
  std::ranges::sort(encoding);
  const double megapixels = static_cast<double>(n * height * width) / 1e6, median = whole[whole.size() / 2];
  print({{"what", "chain"},
         {"model", a[0]},
         {"device", a[1]},
         {"n", n},
         {"how", a[3]},
         {"stayed", stayed},
         {"first_s", first},
         {"median_s", median},
         {"encode_s", encoding[encoding.size() / 2]},
         {"mp_s", megapixels / median},
         {"last_picture", digest({shown.begin(), shown.end()})},
         {"device_bytes_used", device_bytes_used()}});
}

using Piece = void (*)(Arguments);
struct Request {
  const char* name;
  std::size_t arguments;
  Piece piece;
};
constexpr Request requests[] = {
    {"info", 0, info}, {"exact", 7, exact}, {"speed", 7, speed}, {"profile", 7, profile}, {"chain", 4, chain}};

void answer(const std::string& line) {
  std::istringstream words(line);
  std::vector<std::string> all{std::istream_iterator<std::string>(words), {}};
  const std::string name = all.empty() ? "" : all.front();
  try {
    for (const Request& request : requests) {
      if (request.name == name && request.arguments + 1 == all.size()) return request.piece(Arguments(all).subspan(1));
    }
    throw Error(ErrorCode::invalid_argument, "see the head of tools/cuda/probe.cpp");
  } catch (const std::exception& error) {
    print({{"what", name}, {"arguments", all}, {"error", error.what()}});
  }
}

}  // namespace
}  // namespace vaerans

int main() {
  for (std::string line; std::getline(std::cin, line);) vaerans::answer(line);
  std::fflush(nullptr);
  std::_Exit(0);  // nothing of ONNX Runtime is destroyed
}
