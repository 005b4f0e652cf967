// Whose requests a stack listens to.
#pragma once

#include <cstdint>
#include <vector>

#include "base/ip_network.h"

namespace sidetone::sip {

enum class AcceptFrom : std::uint8_t {
  line_servers,  // phones: the servers of the accounts, and within a dialog its peer
  anyone,        // servers, and phones that call each other without one
};

struct GuardSettings {
  AcceptFrom accept_from = AcceptFrom::line_servers;  // server_role stands for `anyone`
  std::vector<IpNetwork> trusted;  // like line servers: session border controllers, monitors
  // Strangers' requests that are read and answered at all; what is more is dropped unread, so that a flood
  // costs neither time nor log, and our answers are no weapon against a forged source.
  std::uint32_t strangers_per_s_max = 50;
};

// Requests that came to nothing here, by reason.
struct GuardCounters {
  std::uint64_t strangers = 0;        // outside of dialogs, from a source that is no line's server: 403
  std::uint64_t intruders = 0;        // right dialog ids from a source that is none of the dialog's: 403
  std::uint64_t unknown_dialogs = 0;  // a stranger with wrong dialog ids: 481
  std::uint64_t unread = 0;           // strangers beyond strangers_per_s_max: dropped
  std::uint64_t strays = 0;           // strangers' responses to nothing that we asked: dropped
  std::uint64_t overloaded = 0;       // INVITEs beyond sessions_max: 503
};

}  // namespace sidetone::sip
