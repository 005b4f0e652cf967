// One account as the stack keeps it.
#pragma once

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

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
  ServerAddresses server_ips;  // what its server's name has led to; StackCore::know() after a change
  // Of the servers that its name leads to, the one that answered: all its requests go there until it fails.
  std::optional<Target> current_server;
  std::optional<Flow> kept;        // the one that is kept alive for it
  std::optional<Address> seen_at;  // what Contact says instead of our own address
  // RFC 3608: the routes of requests of this line, from its last registration.
  std::vector<std::string> service_route;
  std::set<SubscriptionId> subscriptions;  // of both sides: counted, and ended with it
  std::set<PublicationId> publications;
  bool outbound_in_use = false;  // the registrar has said so (RFC 5626 §4.2.1, Require: outbound)
};
using AccountPtr = std::shared_ptr<AccountState>;

[[nodiscard]] inline bool is_server_of(const AccountState& account, const IpAddress& ip) {
  return account.server_ips.contains(ip);
}

}  // namespace sidetone::sip
