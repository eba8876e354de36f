#include "image_io/child/wire.hpp"

#include <sys/socket.h>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace vaerans::image_io {
namespace {

/// Space for the control message that carries two descriptors.
union Control {
  cmsghdr header;
  char bytes[CMSG_SPACE(2 * sizeof(int))];
};

msghdr message_of(iovec& data, Control& control) {
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control.bytes;
  message.msg_controllen = sizeof control.bytes;
  return message;
}

}  // namespace

bool send_request(int socket, const Request& request, int picture, int answer) {
  Request copy = request;
  iovec data{&copy, sizeof copy};
  Control control{};
  const msghdr message = message_of(data, control);
  cmsghdr* files = CMSG_FIRSTHDR(&message);
  files->cmsg_level = SOL_SOCKET;
  files->cmsg_type = SCM_RIGHTS;
  files->cmsg_len = CMSG_LEN(2 * sizeof(int));
  const std::array<int, 2> descriptors = {picture, answer};
  std::memcpy(CMSG_DATA(files), descriptors.data(), sizeof descriptors);
  ssize_t sent = -1;
  do sent = ::sendmsg(socket, &message, MSG_NOSIGNAL);
  while (sent < 0 && errno == EINTR);
  return std::cmp_equal(sent, sizeof copy);
}

bool receive_request(int socket, Request& request, FileDescriptor& picture, FileDescriptor& answer) {
  iovec data{&request, sizeof request};
  Control control{};
  msghdr message = message_of(data, control);
  ssize_t got = -1;
  do got = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (got < 0 && errno == EINTR);
  if (!std::cmp_equal(got, sizeof request)) return false;
  const cmsghdr* files = CMSG_FIRSTHDR(&message);
  if (files == nullptr || files->cmsg_len != CMSG_LEN(2 * sizeof(int))) return false;
  std::array<int, 2> descriptors{};
  std::memcpy(descriptors.data(), CMSG_DATA(files), sizeof descriptors);
  picture = FileDescriptor(descriptors[0]);
  answer = FileDescriptor(descriptors[1]);
  return true;
}

bool read_fully(int fd, void* data, std::size_t bytes) {
  auto* at = static_cast<char*>(data);
  while (bytes > 0) {
    const ssize_t got = ::read(fd, at, bytes);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    at += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

bool write_fully(int fd, const void* data, std::size_t bytes) {
  const auto* at = static_cast<const char*>(data);
  while (bytes > 0) {
    // A socket whose reader has gone would otherwise end the program by SIGPIPE.
    const ssize_t put = ::send(fd, at, bytes, MSG_NOSIGNAL);
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return false;
    at += put;
    bytes -= static_cast<std::size_t>(put);
  }
  return true;
}

}  // namespace vaerans::image_io
