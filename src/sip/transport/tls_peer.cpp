#include "sip/transport/tls_peer.h"

namespace sidetone::sip::flows {

std::string tls_name(std::string_view host) {
  if (host.size() > 1 && host.ends_with('.')) host.remove_suffix(1);
  std::string name(host);
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return name;
}

void LostPeers::add(ConnectionId id, TlsPeer peer) {
  if (order_.size() >= peers_max) {
    peers_.erase(order_.front());
    order_.pop_front();
  }
  if (peers_.insert_or_assign(id, std::move(peer)).second) order_.push_back(id);
}

const TlsPeer* LostPeers::find(ConnectionId id) const {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : &found->second;
}

}  // namespace sidetone::sip::flows
