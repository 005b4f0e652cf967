#include "sip/location/unavailable_servers.h"

#include <algorithm>

namespace sidetone::sip {
namespace {

// As long as it takes a server to restart; a request that has no other choice tries it earlier anyway.
constexpr Duration failed_for = std::chrono::seconds(60);
// Bound: whoever answers with 503 must not silence a server for a day.
constexpr Duration rest_max = std::chrono::minutes(10);
constexpr std::size_t servers_max = 256;  // bound: what is forgotten is only tried again

}  // namespace

void UnavailableServers::put(const Target& target, State state) {
  if (by_address_.size() >= servers_max && !by_address_.contains(target.address)) by_address_.clear();
  by_address_[target.address] = state;
}

void UnavailableServers::failed(const Target& target, Time now) { put(target, {now + failed_for, false}); }

void UnavailableServers::asked_for_rest(const Target& target, Duration rest, Time now) {
  put(target, {now + std::min(rest, rest_max), true});
}

const UnavailableServers::State* UnavailableServers::find(const Target& target, Time now) const {
  const auto at = by_address_.find(target.address);
  return at == by_address_.end() || at->second.until <= now ? nullptr : &at->second;
}

std::vector<Target> UnavailableServers::in_order(std::vector<Target> targets,
                                                 const std::optional<Target>& current, Time now) const {
  const auto rests = [&](const Target& target) {
    const auto* state = find(target, now);
    return state != nullptr && state->rests;
  };
  if (!std::all_of(targets.begin(), targets.end(), rests)) std::erase_if(targets, rests);
  std::stable_partition(targets.begin(), targets.end(),
                        [&](const Target& target) { return find(target, now) == nullptr; });
  if (current && find(*current, now) == nullptr) {
    const auto at = std::find_if(targets.begin(), targets.end(), [&](const Target& target) {
      return target.address == current->address && target.transport == current->transport;
    });
    if (at != targets.end()) std::rotate(targets.begin(), at, at + 1);
  }
  return targets;
}

}  // namespace sidetone::sip
