#include "image_io/child/worker.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <new>
#include <vector>

#include "image_io/child/limits.hpp"
#include "image_io/child/wire.hpp"
#include "image_io/decode.hpp"
#include "image_io/vips_support.hpp"

namespace vaerans::image_io {
namespace {

/// Ends this process at once: nobody is left to answer, and destructors have no duty here.
void put(int answer, const void* data, std::size_t bytes) {
  if (!write_fully(answer, data, bytes)) ::_exit(0);
}

void put_frame(int answer, FrameKind kind, std::span<const std::uint8_t> payload) {
  const Frame frame{kind, static_cast<std::uint32_t>(payload.size())};
  put(answer, &frame, sizeof frame);
  put(answer, payload.data(), payload.size());
}

class AnswerSink final : public PixelSink {
 public:
  explicit AnswerSink(int answer) : answer_(answer) {}
  void size(const PictureShape& shape) override {
    put_frame(answer_, FrameKind::size, {reinterpret_cast<const std::uint8_t*>(&shape), sizeof shape});
  }
  void rows(std::span<const std::uint8_t> bytes) override {
    constexpr std::size_t most = std::size_t{1} << 20;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(most, bytes.size())))
      put_frame(answer_, FrameKind::pixels, bytes.first(std::min(most, bytes.size())));
  }

  void metadata(MetadataKind kind, std::span<const std::uint8_t> bytes) override {
    constexpr std::size_t most = (std::size_t{1} << 20) - 1;
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(most, bytes.size()))) {
      std::vector<std::uint8_t> payload{static_cast<std::uint8_t>(kind)};
      const auto piece = bytes.first(std::min(most, bytes.size()));
      payload.insert(payload.end(), piece.begin(), piece.end());
      put_frame(answer_, FrameKind::metadata, payload);
    }
  }

 private:
  int answer_;
};

void put_error(int answer, ErrorCode code, std::string_view text) {
  const auto number = static_cast<std::uint16_t>(code);
  const auto* first = reinterpret_cast<const std::uint8_t*>(&number);
  std::vector<std::uint8_t> payload(first, first + sizeof number);
  payload.insert(payload.end(), text.begin(), text.end());
  put_frame(answer, FrameKind::failed, payload);
}

/// The bytes of the picture: a file is mapped, what comes from the caller's memory is read to its end.
class PictureBytes {
 public:
  PictureBytes(int fd, std::uint64_t max_bytes) {
    struct stat status{};
    if (::fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
      map(fd, static_cast<std::uint64_t>(status.st_size), max_bytes);
    else
      read(fd);
  }
  [[nodiscard]] std::span<const std::uint8_t> get() const { return bytes_; }

 private:
  void map(int fd, std::uint64_t size, std::uint64_t max_bytes) {
    if (size > max_bytes) {
      throw Error(ErrorCode::limit_exceeded, "larger than the limit of " + std::to_string(max_bytes) + " bytes");
    }
    void* address = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (address == MAP_FAILED) return read(fd);
    bytes_ = {static_cast<const std::uint8_t*>(address), size};
  }
  void read(int fd) {
    for (std::size_t filled = 0;;) {
      if (filled == copy_.size()) copy_.resize(std::max<std::size_t>(1 << 16, 2 * filled));
      const ssize_t got = ::read(fd, copy_.data() + filled, copy_.size() - filled);
      if (got <= 0) return bytes_ = {copy_.data(), filled}, void();
      filled += static_cast<std::size_t>(got);
    }
  }
  std::vector<std::uint8_t> copy_;
  std::span<const std::uint8_t> bytes_;
};

[[noreturn]] void out_of_memory() { ::_exit(out_of_memory_exit); }

/// Bytes of writable memory that this process has already: libraries, and under a sanitizer its many terabytes.
rlim_t data_bytes() {
  std::ifstream statm("/proc/self/statm");
  rlim_t size = 0, resident = 0, shared = 0, text = 0, library = 0, data = 0;
  statm >> size >> resident >> shared >> text >> library >> data;
  return data * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE));
}

/// Bounds what a hostile picture can take. Addresses are not bounded (libraries reserve many), written memory is.
void bound_resources(const Limits& limits, std::uint64_t file_bytes) {
  const rlim_t seconds = cpu_seconds(file_bytes);
  const rlimit cpu{seconds, seconds + 1};
  ::setrlimit(RLIMIT_CPU, &cpu);
  rlimit data{};
  ::getrlimit(RLIMIT_DATA, &data);
  data.rlim_cur =
      std::min<rlim_t>(data_bytes() + std::min<rlim_t>(limits.max_memory, RLIM_INFINITY / 4), data.rlim_max);
  ::setrlimit(RLIMIT_DATA, &data);
  const rlimit no_core{0, 0};
  ::setrlimit(RLIMIT_CORE, &no_core);
  // A decoder whose threads wait for each other uses no CPU time.
  ::alarm(static_cast<unsigned>(10 * seconds));
  std::set_new_handler(out_of_memory);
}

[[noreturn]] void decode_and_exit(const Request& request, const FileDescriptor& picture, const FileDescriptor& answer) {
  try {
    const PictureBytes file(picture.get(), request.options.limits.max_file_bytes);
    bound_resources(request.options.limits, file.get().size());
    AnswerSink sink(answer.get());
    decode_picture(file.get(), request.options, sink);
    put_frame(answer.get(), FrameKind::done, {});
  } catch (const Error& error) {
    put_error(answer.get(), error.code(), error.what());
  } catch (const std::exception& error) {
    put_error(answer.get(), ErrorCode::internal, error.what());
  }
  ::_exit(0);
}

/// Waits until the worker, who holds the other end of `alive`, has ended. Nobody to answer to: nothing to do any more.
void wait_for_end(int socket, int alive, pid_t worker) {
  std::array<pollfd, 2> watched = {pollfd{alive, 0, 0}, pollfd{socket, POLLRDHUP, 0}};
  for (;;) {
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;
    if (watched[1].revents != 0) {
      ::kill(worker, SIGKILL);
      ::_exit(0);
    }
    if (watched[0].revents != 0) return;
  }
}

int run_worker(int socket, const Request& request, FileDescriptor picture, FileDescriptor answer) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return no_worker_status;
  const FileDescriptor alive(ends[0]);
  FileDescriptor held(ends[1]);
  const pid_t worker = ::fork();
  if (worker == 0) {
    ::close(socket);
    decode_and_exit(request, picture, answer);
  }
  if (worker < 0) return no_worker_status;
  held = FileDescriptor();
  answer = FileDescriptor();
  picture = FileDescriptor();
  wait_for_end(socket, alive.get(), worker);
  int status = 0;
  while (::waitpid(worker, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

}  // namespace

void serve_pictures(int socket) {
  // Ctrl-C goes to every process of the terminal; this one ends when its parent does.
  for (const int ignored : {SIGINT, SIGHUP, SIGPIPE}) ::signal(ignored, SIG_IGN);
  ::signal(SIGCHLD, SIG_DFL);
  try {
    start_vips();
  } catch (const Error&) {
    ::_exit(1);
  }
  Request request{};
  for (;;) {
    FileDescriptor picture, answer;
    if (!receive_request(socket, request, picture, answer)) ::_exit(0);
    const int status = run_worker(socket, request, std::move(picture), std::move(answer));
    if (::send(socket, &status, sizeof status, MSG_NOSIGNAL) != static_cast<ssize_t>(sizeof status)) ::_exit(0);
  }
}

}  // namespace vaerans::image_io
