#include "net/source_filter.h"

#include <sys/socket.h>

#include <array>

#ifdef __linux__
#include <linux/filter.h>
#endif

namespace sidetone::net {

#ifdef __linux__
namespace {

// Classic BPF, for which no privilege is asked: per host its words are compared, and the first host whose
// words are all equal is admitted.
class Program {
 public:
  void admit(const IpAddress& host) {
    const std::uint32_t offset = host.is_v4() ? 12 : 8;  // of the source in the IP header
    const std::uint32_t words = host.is_v4() ? 1 : 4;
    for (std::uint32_t i = 0; i < words; ++i) {
      const auto left = static_cast<std::uint8_t>(2 * (words - 1 - i) + 1);  // to the next host
      add({BPF_LD | BPF_W | BPF_ABS, 0, 0, static_cast<std::uint32_t>(SKF_NET_OFF) + offset + 4 * i});
      add({BPF_JMP | BPF_JEQ | BPF_K, 0, left, word(host, 4 * i)});
    }
    add({BPF_RET | BPF_K, 0, 0, ~std::uint32_t{0}});
  }
  bool attach(int fd) {
    add({BPF_RET | BPF_K, 0, 0, 0});
    const sock_fprog program{size_, code_.data()};
    return ::setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0;
  }

 private:
  static std::uint32_t word(const IpAddress& host, std::size_t at) {
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | host.bytes[at + i];
    return value;
  }
  void add(const sock_filter& instruction) { code_[size_++] = instruction; }

  std::array<sock_filter, filtered_hosts_max * 9 + 1> code_{};
  unsigned short size_ = 0;
};

}  // namespace

bool admit_only(int fd, std::span<const IpAddress> hosts) {
  if (hosts.empty()) {
    const int nothing = 0;
    // ENOENT: there was none.
    static_cast<void>(::setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &nothing, sizeof nothing));
    return true;
  }
  if (hosts.size() > filtered_hosts_max) return false;
  Program program;
  for (const auto& host : hosts) program.admit(host);
  return program.attach(fd);
}
#else
bool admit_only(int, std::span<const IpAddress> hosts) { return hosts.empty(); }
#endif

}  // namespace sidetone::net
