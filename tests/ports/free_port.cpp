#include "ports/free_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstddef>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

namespace sidetone::test {
namespace {

constexpr int port_min = 10000, port_max = 16383;

// A name in the abstract namespace (unix(7)) is held by one process and goes with it.
bool claim(int port) {
  const std::string name = "sidetone-test-port-" + std::to_string(port);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const int held = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);  // closed by the end of the process
  if (::bind(held, reinterpret_cast<const sockaddr*>(&address), size) == 0) return true;
  ::close(held);
  return false;
}

bool is_free(int port, int type) {
  const int probe = ::socket(AF_INET, type | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool bound = ::bind(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  ::close(probe);
  return bound;
}

bool take(int first, int span) {
  for (int port = first; port < first + span; ++port)
    if (!claim(port) || !is_free(port, SOCK_DGRAM) || !is_free(port, SOCK_STREAM)) return false;
  return true;
}

}  // namespace

std::uint16_t free_port(int span) {
  std::random_device random;
  std::uniform_int_distribution<int> choice(port_min / 2, (port_max - span) / 2);
  for (int tries = 0; tries < 1000; ++tries)
    if (const int first = choice(random) * 2; take(first, span)) return static_cast<std::uint16_t>(first);
  throw std::runtime_error("no free port for a test between 10000 and 16383");
}

}  // namespace sidetone::test
