// Addresses that some owners (accounts, dialogs) are reached at. Asked per message, so it is one look-up
// whatever the number of owners.
#pragma once

#include <unordered_map>
#include <utility>
#include <vector>

#include "base/address.h"
#include "base/shrink.h"
#include "sip/transport/flow.h"

namespace sidetone::sip {

template <typename Owner>
class Sources {
 public:
  // Replaces what the owner had. `tls_only`: whoever speaks less than TLS is not believed to be this one.
  void set(const Owner& owner, std::vector<IpAddress> addresses, bool tls_only) {
    remove(owner);
    for (const auto& ip : addresses) count(ip, tls_only, 1);
    owners_.insert_or_assign(owner, Entry{std::move(addresses), tls_only});
  }
  void remove(const Owner& owner) {
    const auto node = owners_.extract(owner);
    if (node.empty()) return;
    shrink_if_sparse(owners_);
    for (const auto& ip : node.mapped().addresses) count(ip, node.mapped().tls_only, -1);
  }
  [[nodiscard]] bool contains(const IpAddress& ip, Transport transport) const {
    const auto found = counts_.find(Address{ip, 0});
    if (found == counts_.end()) return false;
    return found->second.any > 0 || transport == Transport::tls;
  }

 private:
  struct Entry {
    std::vector<IpAddress> addresses;
    bool tls_only = false;
  };
  struct Counts {
    int any = 0, tls = 0;
  };
  void count(const IpAddress& ip, bool tls_only, int change) {
    const Address key{ip, 0};
    auto& counts = counts_[key];
    (tls_only ? counts.tls : counts.any) += change;
    if (counts.any != 0 || counts.tls != 0) return;
    counts_.erase(key);
    shrink_if_sparse(counts_);
  }

  std::unordered_map<Owner, Entry> owners_;
  std::unordered_map<Address, Counts> counts_;
};

}  // namespace sidetone::sip
