// The small layer over POSIX sockets that UDP, TCP and RTP share: an owned descriptor, addresses to and
// from the system's form, and bind() with errors a person can act on.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/address.h"
#include "base/expected.h"

namespace sidetone::net {

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor();

  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }
  [[nodiscard]] explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_ = -1;
};

// Room for both families; smaller than sockaddr_storage, for RTP keeps one per packet.
union SystemAddress {
  sockaddr_in v4;
  sockaddr_in6 v6;
  sockaddr any;
};

socklen_t to_system(const Address& address, SystemAddress& out);  // returns the length in use
[[nodiscard]] Address from_system(const SystemAddress& address);

[[nodiscard]] Address local_address(int fd);
[[nodiscard]] std::string error_text(int error);

enum class Kind { udp, tcp };

struct SocketOptions {
  Kind kind = Kind::udp;
  int dscp = 0;                // 0..63, RFC 2474; 0 leaves the system's default
  bool reuse_address = false;  // TCP only: bind over connections in TIME_WAIT
};

// Non-blocking, close-on-exec, IPv6 without mapped IPv4 (so both families may bind one port).
Expected<Descriptor> open_socket(IpAddress::Family family, const SocketOptions& options);
// Returns 0 or errno: for searches through a range.
[[nodiscard]] int try_bind(int fd, const Address& local);
[[nodiscard]] Error bind_error(Kind kind, const Address& local, int error, std::string_view remedy_option);
Expected<Descriptor> bind_socket(const Address& local, const SocketOptions& options);

[[nodiscard]] inline std::string_view to_string(Kind kind) { return kind == Kind::udp ? "UDP" : "TCP"; }

}  // namespace sidetone::net
