// One account as the stack keeps it.
#pragma once

#include <memory>
#include <optional>

#include "sip/location/target.h"
#include "sip/server_addresses.h"
#include "sip/stack.h"

namespace sidetone::sip {

struct AccountState {
  AccountId id;
  Account account;
  DigestClient digest;
  std::optional<Flow> flow;    // the one that the last answered REGISTER used
  bool removed = false;        // lives on until it is unregistered
  ServerAddresses server_ips;  // what its server's name has led to; changed by StackCore::know() after that
  // Of the servers that its name leads to, the one that answered: all its requests go there until it fails.
  std::optional<Target> current_server;
  std::optional<Flow> kept;        // the one that is kept alive for it
  std::optional<Address> seen_at;  // what Contact says instead of our own address
};
using AccountPtr = std::shared_ptr<AccountState>;

[[nodiscard]] inline bool is_server_of(const AccountState& account, const IpAddress& ip) {
  return account.server_ips.contains(ip);
}

}  // namespace sidetone::sip
