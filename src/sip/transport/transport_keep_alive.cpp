// Keep-alive of flows and the end of those whose address is gone: what KeepAlive decides, done.
#include <algorithm>

#include "sip/transport/transport_impl.h"

namespace sidetone::sip {

using flows::Connection;
using flows::KeepAlive;

namespace {

// RFC 5626 §4.4.1. Over UDP that section forbids it and §4.4.2 asks for STUN; the practice of the field's
// phones and servers is these same four bytes, which every SIP server ignores (RFC 3261 §7.5).
const Bytes& ping_bytes() {
  static const Bytes bytes = std::make_shared<const std::string>("\r\n\r\n");
  return bytes;
}

KeepAlive::Key key_of(const Flow& flow) {
  if (flow.transport != Transport::udp) return {flow.connection, {}, {}};
  return {{}, flow.socket, flow.remote};
}

}  // namespace

void TransportLayer::keep_alive(const Flow& flow, Duration interval_max, bool expects_pong, Time now) {
  const bool is_udp = flow.transport == Transport::udp;
  if (interval_max <= Duration::zero())
    interval_max = is_udp ? flows::keep_alive_udp_max : flows::keep_alive_stream_max;
  if (!is_udp) {
    Connection* connection = impl_->connections.find(flow.connection);
    if (connection == nullptr) return;
    connection->kept_alive = true;
  }
  impl_->kept.keep(key_of(flow), interval_max, expects_pong && !is_udp, now, impl_->random);
}

void TransportLayer::forget_keep_alive(const Flow& flow) {
  impl_->kept.forget(key_of(flow));
  if (Connection* connection = impl_->connections.find(flow.connection)) connection->kept_alive = false;
}

void TransportLayer::Impl::keep_flows_alive(Time now) {
  const auto due = kept.on_time(now, random);
  for (const auto& key : due.pings) {
    if (Connection* connection = connections.find(key.connection)) {
      connections.touch(*connection, now);
      io.emplace_back(SendStream{connection->id, ping_bytes()});
    } else if (sockets.find(key.socket) != nullptr) {
      io.emplace_back(SendDatagram{key.socket, key.remote, ping_bytes()});
    } else {
      kept.forget(key);
    }
  }
  for (const auto& key : due.dead)
    close(key.connection, "the peer did not answer a keep-alive within 10 s", now);
}

void TransportLayer::Impl::note_line_ends(Connection& connection, std::string_view bytes) {
  const auto seen = connection.framer.breaks_seen();
  if (seen == std::exchange(connection.breaks_read, seen)) return;
  kept.heard_pong({connection.id, {}, {}}, bytes == "\r\n");
}

void TransportLayer::addresses_changed(const std::vector<IpAddress>& addresses, Time now) {
  for (const auto id : impl_->connections.all()) {
    const Connection& connection = *impl_->connections.find(id);
    const auto& local = connection.local.ip;
    const bool is_ours =
        local.is_loopback() || std::find(addresses.begin(), addresses.end(), local) != addresses.end();
    if (connection.open && !is_ours) impl_->close(id, "its local address is gone", now);
  }
}

void TransportLayer::drop_connections(std::string_view why, Time now) {
  // One that is still being opened fails by itself when it must.
  for (const auto id : impl_->connections.all())
    if (impl_->connections.find(id)->open) impl_->close(id, why, now);
}

}  // namespace sidetone::sip
