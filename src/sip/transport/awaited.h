// Which requests went to an address that has not said a word since. An ICMP error names only the address;
// all of these then fail at once instead of after 32 s.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "base/address.h"

namespace sidetone::sip::flows {

class Awaited {
 public:
  void sent(const Address& to, std::uint64_t token) {
    if (by_address_.size() >= addresses_max && !by_address_.contains(to)) by_address_.clear();
    auto& tokens = by_address_[to];
    if (tokens.size() < tokens_max) tokens.push_back(token);
  }
  void heard(const Address& from) { by_address_.erase(from); }
  [[nodiscard]] std::vector<std::uint64_t> take(const Address& to) {
    const auto found = by_address_.find(to);
    if (found == by_address_.end()) return {};
    auto tokens = std::move(found->second);
    by_address_.erase(found);
    return tokens;
  }

 private:
  // Bounds: the list only makes failures faster, so what does not fit just waits for timer B or F.
  static constexpr std::size_t addresses_max = 256;
  static constexpr std::size_t tokens_max = 64;
  std::unordered_map<Address, std::vector<std::uint64_t>> by_address_;
};

}  // namespace sidetone::sip::flows
