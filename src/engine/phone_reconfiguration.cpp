// Another configuration while the phone runs (docs/decisions/0022).
#include "engine/phone_engine.h"

namespace sidetone::engine {

// What only a start can change stays as it is.
void PhoneEngine::keep_what_started(PhoneSettings& next) const {
  next.public_address = settings_.public_address;
  next.ip_versions = settings_.ip_versions;
  next.sip_port_binding = settings_.sip_port_binding;
  next.sip_port_min = settings_.sip_port_min;
  next.sip_port_max = settings_.sip_port_max;
  next.signaling_dscp = settings_.signaling_dscp;
  next.tls = settings_.tls;
  next.transaction_timeout = settings_.transaction_timeout;
  next.core.calls_max = settings_.core.calls_max;  // tables were made for so many
}

// A line that is where it was keeps its sockets, and its address, which may have moved since the start.
Expected<Address> PhoneEngine::prepare_again(std::size_t index, endpoint::CoreLine& line) {
  if (index < settings_.core.lines.size()) {
    const auto& old = settings_.core.lines[index];
    if (net::with_numeric_zone(line.server_host) == old.server_host && line.server_port == old.server_port &&
        line.transport == old.transport && line.any_transport == old.any_transport) {
      line.server_host = old.server_host;
      line.socket = old.socket;
      line.tls_profile = old.tls_profile;
      line.media_ip = old.media_ip;
      return line_addresses_.at(index);
    }
  }
  return prepare(line);
}

Expected<void> PhoneEngine::reconfigure(PhoneSettings next) {
  keep_what_started(next);
  std::vector<Address> addresses;
  for (std::size_t i = 0; i < next.core.lines.size(); ++i) {
    auto address = prepare_again(i, next.core.lines[i]);
    if (!address) return tl::make_unexpected(address.error());
    addresses.push_back(*address);
  }
  name_instances(next);
  line_addresses_ = std::move(addresses);
  settings_ = std::move(next);
  tell_warnings();
  stack_.set_user_agent(settings_.user_agent);
  core_->reconfigure(settings_.core, host_.now());
  if (settings_.core.devices) check_tones();
  host_.drain();
  return {};
}

}  // namespace sidetone::engine
