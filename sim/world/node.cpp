#include "sim/node.h"

namespace sidetone::sim {

namespace {
template <typename... Handlers>
struct Overloaded : Handlers... {
  using Handlers::operator()...;
};
template <typename... Handlers>
Overloaded(Handlers...) -> Overloaded<Handlers...>;
}  // namespace

void Node::finish(Time now) {
  stack().run(clock(now));
  drain(now);
  touch();
}

void Node::fall_asleep(Time now) {
  if (asleep_since_) return;
  asleep_since_ = now;
  network_.set_ill(ip_, true, now);
  network_.set_cut(ip_, true, now);
  touch();
}

void Node::wake_up(Time now, bool clock_stood_still) {
  if (!asleep_since_) return;
  if (clock_stood_still) lag_ += now - *asleep_since_;
  asleep_since_.reset();
  network_.set_ill(ip_, false, now);
  network_.set_cut(ip_, false, now);
  for (const auto& what : std::exchange(put_off_, {})) what(now);
  touch();
}

bool Node::put_off(std::function<void(Time)> what) {
  if (!asleep_since_) return false;
  put_off_.push_back(std::move(what));
  return true;
}

void Node::datagram(sip::SocketId socket, Address from, const std::string& bytes, Time now) {
  if (is_asleep()) return;
  stack().transport().datagram(socket, from, bytes, clock(now));
  finish(now);
}

void Node::stream_data(sip::ConnectionId connection, std::string_view bytes, Time now) {
  if (put_off(
          [this, connection, kept = std::string(bytes)](Time then) { stream_data(connection, kept, then); }))
    return;
  stack().transport().stream_data(connection, bytes, clock(now));
  finish(now);
}

void Node::opened(sip::ConnectionId connection, Address local, Address remote, Time now) {
  if (put_off([=, this](Time then) { opened(connection, local, remote, then); })) return;
  stack().transport().opened(connection, local, remote, clock(now));
  finish(now);
}

void Node::closed(sip::ConnectionId connection, std::string_view why, Time now) {
  if (put_off([=, this](Time then) { closed(connection, why, then); })) return;
  stack().transport().closed(connection, why, clock(now));
  finish(now);
}

void Node::unreachable(sip::SocketId socket, Address to, Time now) {
  if (is_asleep()) return;
  stack().transport().datagram_failed(socket, to, "port unreachable", clock(now));
  finish(now);
}

sip::ConnectionId Node::accepted(sip::SocketId listener, Address local, Address remote, Time now) {
  if (is_asleep()) return {};
  const auto id = stack().transport().accepted(listener, local, remote, clock(now));
  finish(now);
  return id;
}

void Node::dns_answer(sip::DnsQueryId query, const sip::DnsAnswer& answer, Time now) {
  if (put_off([=, this](Time then) { dns_answer(query, answer, then); })) return;
  stack().transport().dns_answer(query, answer, clock(now));
  finish(now);
}

void Node::ask(const sip::DnsQuery& query, Time now) {
  sip::DnsAnswer none;
  none.outcome = sip::DnsAnswer::Outcome::no_name;
  stack().transport().dns_answer(query.id, none, clock(now));
  stack().run(clock(now));
}

sip::SocketId Node::bind_udp(std::uint16_t port) {
  const Address local{ip_, port};
  const auto socket = stack().transport().add_udp_socket(local);
  sockets_.emplace(socket, local);
  network_.bind_udp(local, *this, socket);
  return socket;
}

sip::SocketId Node::listen_tcp(std::uint16_t port) {
  const Address local{ip_, port};
  const auto listener = stack().transport().add_listener(sip::Transport::tcp, local);
  network_.listen(local, *this, listener);
  return listener;
}

void Node::carry_out(const sip::IoOutput& output, Time now) {
  std::visit(Overloaded{
                 [&](const sip::SendDatagram& send) {
                   if (auto bytes = outgoing(send.bytes, now))
                     network_.datagram(*this, send.socket, sockets_.at(send.socket), send.to,
                                       std::move(bytes), now);
                 },
                 [&](const sip::SendStream& send) {
                   if (auto bytes = outgoing(send.bytes, now))
                     network_.stream(*this, send.connection, std::move(bytes), now);
                 },
                 [&](const sip::OpenConnection& open) {
                   network_.open(*this, open.connection, Address{ip_, 0}, open.to, now);
                 },
                 [&](const sip::CloseConnection& close) { network_.close(*this, close.connection, now); },
                 [&](const sip::DnsQuery& query) { ask(query, now); },
             },
             output);
}

}  // namespace sidetone::sim
