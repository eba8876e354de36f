#include "image_io/child/helper.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "image_io/child/answer.hpp"
#include "image_io/child/limits.hpp"

namespace vaerans::image_io {
namespace {

Error no_process(int error_number) {
  return {ErrorCode::io,
          std::string("no process that decodes pictures can be started: ") + std::strerror(error_number)};
}

std::pair<FileDescriptor, FileDescriptor> socket_pair(int type) {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends.data()) != 0) throw no_process(errno);
  return {FileDescriptor(ends[0]), FileDescriptor(ends[1])};
}

/// posix_spawn's two lists of settings, with their cleaning up.
struct SpawnSettings {
  SpawnSettings() {
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_init(&files);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&attributes);
  }
  posix_spawnattr_t attributes{};
  posix_spawn_file_actions_t files{};
};

/// One child process. It ends by itself when its socket closes.
class Helper {
 public:
  explicit Helper(const std::string& program) {
    auto [ours, theirs] = socket_pair(SOCK_SEQPACKET);
    start(program, theirs.get());
    socket_ = std::move(ours);
  }
  Helper(const Helper&) = delete;
  Helper& operator=(const Helper&) = delete;
  ~Helper() {
    socket_ = FileDescriptor();
    if (parent_ == ::getpid()) wait();
  }
  [[nodiscard]] int socket() const { return socket_.get(); }
  /// A fork of this program has the same socket, but must not use it: answers would go to either.
  [[nodiscard]] bool is_ours() const { return parent_ == ::getpid(); }

 private:
  void start(const std::string& program, int socket);
  void wait() const {
    while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  FileDescriptor socket_;
  pid_t process_ = -1, parent_ = ::getpid();
};

void Helper::start(const std::string& program, int socket) {
  SpawnSettings settings;
  // First, since it may be one of the three where our program has closed those.
  posix_spawn_file_actions_adddup2(&settings.files, socket, helper_socket);
  // Its output would be libc's last words on a crash; the parent says all that is to be said.
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    posix_spawn_file_actions_addopen(&settings.files, fd, "/dev/null", O_RDWR, 0);
  // Our program may block signals in all its threads; the child shall have a fresh start.
  sigset_t none, all;
  sigemptyset(&none);
  sigfillset(&all);
  posix_spawnattr_setsigmask(&settings.attributes, &none);
  posix_spawnattr_setsigdefault(&settings.attributes, &all);
  posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  std::string name = program, argument = helper_argument;
  const std::array<char*, 3> arguments = {name.data(), argument.data(), nullptr};
  const int failure =
      ::posix_spawn(&process_, program.c_str(), &settings.files, &settings.attributes, arguments.data(), environ);
  if (failure != 0) throw no_process(failure);
}

/// Children that wait for work. A child is taken out for each picture and put back when it has answered.
class Helpers {
 public:
  void set_program(std::string program) {
    const std::scoped_lock lock(mutex_);
    program_ = std::move(program);
  }
  [[nodiscard]] bool in_use() const {
    const std::scoped_lock lock(mutex_);
    return !program_.empty();
  }
  [[nodiscard]] std::unique_ptr<Helper> take() {
    const std::scoped_lock lock(mutex_);
    while (!idle_.empty()) {
      std::unique_ptr<Helper> helper = std::move(idle_.back());
      idle_.pop_back();
      if (helper->is_ours()) return helper;
    }
    return std::make_unique<Helper>(program_);
  }
  void forget_idle() {
    const std::scoped_lock lock(mutex_);
    idle_.clear();
  }
  void put_back(std::unique_ptr<Helper> helper) {
    const std::scoped_lock lock(mutex_);
    idle_.push_back(std::move(helper));
  }

 private:
  mutable std::mutex mutex_;
  std::string program_;
  std::vector<std::unique_ptr<Helper>> idle_;
};

Helpers& helpers() {
  static Helpers all;
  return all;
}

/// A child for one picture. It is kept for the next one when it has told how the picture's own process ended; a child
/// that is gone altogether (killed from outside) is not, and the next picture gets a new one.
class Loan {
 public:
  Loan() = default;
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() {
    if (asked_) (void)read_status();
    if (status_) helpers().put_back(std::move(helper_));
  }
  [[nodiscard]] bool request(const Request& request, int picture, int answer) {
    return asked_ = send_request(helper_->socket(), request, picture, answer);
  }
  /// Nothing where the child is gone.
  [[nodiscard]] std::optional<int> status() {
    (void)read_status();
    return status_;
  }

 private:
  bool read_status() {
    int status = 0;
    if (!status_ && read_fully(helper_->socket(), &status, sizeof status)) status_ = status;
    return status_.has_value();
  }
  std::unique_ptr<Helper> helper_ = helpers().take();
  std::optional<int> status_;
  bool asked_ = false;
};

/// Writes bytes of our memory to the child, which reads them all before it answers.
void send_picture(FileDescriptor to, std::span<const std::uint8_t> bytes) {
  (void)write_fully(to.get(), bytes.data(), bytes.size());  // where the child has ended, its status says why
}

[[noreturn]] void explain(int status, std::uint64_t file_bytes, const Limits& limits) {
  if (status == no_worker_status) throw no_process(EAGAIN);
  const int signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
  // SIGTRAP is how GLib ends a process that gets no more memory, SIGKILL how the system does.
  constexpr std::uint64_t little = 128U << 20U;  // in which C++'s own start may fail, and abort
  const bool memory = (WIFEXITED(status) && WEXITSTATUS(status) == out_of_memory_exit) || signal == SIGTRAP ||
                      signal == SIGKILL || (signal == SIGABRT && limits.max_memory < little);
  if (memory) {
    throw Error(ErrorCode::limit_exceeded, "decoding it takes more memory than there is, or than the limit of " +
                                               std::to_string(limits.max_memory) + " bytes");
  }
  if (signal == SIGXCPU || signal == SIGALRM) {
    throw Error(ErrorCode::limit_exceeded,
                "decoding it takes more than the limit of " + std::to_string(cpu_seconds(file_bytes)) + " seconds");
  }
  const std::string how = signal != 0 ? std::string(" (") + ::strsignal(signal) + ")" : "";
  throw Error(ErrorCode::image_unreadable, "damaged: its decoder crashes" + how);
}

std::uint64_t size_of(const PictureSource& source) {
  if (!source.file.is_open()) return source.memory.size();
  const off_t size = ::lseek(source.file.get(), 0, SEEK_END);
  return size < 0 ? 0 : static_cast<std::uint64_t>(size);
}

/// False where the child is gone without having told why.
bool try_decode(const PictureSource& source, const ReadImageOptions& options, PixelSink& sink) {
  Loan loan;
  auto [answer, their_answer] = socket_pair(SOCK_STREAM);
  FileDescriptor ours, theirs;
  if (!source.file.is_open()) std::tie(ours, theirs) = socket_pair(SOCK_STREAM);
  const int picture = source.file.is_open() ? source.file.get() : theirs.get();
  if (!loan.request({options}, picture, their_answer.get())) return false;
  their_answer = FileDescriptor();
  theirs = FileDescriptor();
  if (ours.is_open()) send_picture(std::move(ours), source.memory);
  if (receive_answer(answer.get(), options.limits, sink)) return true;
  answer = FileDescriptor();  // a child that still writes gives up
  if (const auto status = loan.status()) explain(*status, size_of(source), options.limits);
  return false;
}

}  // namespace

void use_helpers(std::string program) { helpers().set_program(std::move(program)); }
bool helpers_in_use() { return helpers().in_use(); }

void decode_in_child(const PictureSource& source, const ReadImageOptions& options, PixelSink& sink) {
  if (try_decode(source, options, sink)) return;
  // A child that waited was killed, for no fault of this picture; others may have been as well.
  helpers().forget_idle();
  if (!try_decode(source, options, sink)) throw no_process(ECHILD);
}

}  // namespace vaerans::image_io
