#include "engine/sip_host.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/post.hpp>
#include <cerrno>

#include "net/socket.h"

#include "sip/location/dns_message.h"

namespace sidetone::engine {
namespace {

sip::DnsAnswer answer_of(const net::DnsReply& reply, const std::string& name) {
  using Outcome = sip::DnsAnswer::Outcome;
  using Kind = net::DnsReply::Kind;
  if (reply.kind == Kind::message) return sip::read_dns_answer(reply.bytes, name);
  sip::DnsAnswer answer;
  answer.text = reply.text;
  if (reply.kind == Kind::no_name) answer.outcome = Outcome::no_name;
  if (reply.kind == Kind::no_answer) answer.outcome = Outcome::no_answer;
  if (reply.kind == Kind::failed) answer.outcome = Outcome::failed;
  for (const auto& ip : reply.addresses) answer.answers.push_back({name, {}, ip});
  return answer;
}

}  // namespace

SipHost::SipHost(boost::asio::io_context& io, sip::Stack& stack, const SteadyTime& clock,
                 SipHostSettings settings, LogSink& log)
    : io_(io),
      stack_(stack),
      clock_(clock),
      settings_(settings),
      log_(log),
      dns_(io, settings_.dns),
      timer_(io) {}

SipHost::~SipHost() = default;

void SipHost::say(LogLevel level, std::string text) {
  if (log_.wants(LogTag::net, level))
    log_.write({.time = now(), .level = level, .tag = LogTag::net, .text = std::move(text)});
}

// Bound: a storm of connections writes twenty lines, then one each five seconds.
void SipHost::say_of_connection(LogLevel level, std::string text) {
  if (!connection_lines_.take(now())) {
    ++connections_unsaid_;
    return;
  }
  if (connections_unsaid_ > 0)
    text += fmt::format("; {} more lines about connections are left out", connections_unsaid_);
  connections_unsaid_ = 0;
  say(level, std::move(text));
}

// --- inputs

template <typename Input>
void SipHost::input(Input&& feed) {
  const Time time = now();
  feed(stack_.transport(), time);
  stack_.run(time);
  drain();
}

void SipHost::post(std::function<void()> work) {
  boost::asio::post(io_, [this, alive = std::weak_ptr(alive_), work = std::move(work)] {
    if (alive.expired()) return;
    work();
    if (!alive.expired()) drain();  // `work` may end the host
  });
}

// --- the law of the drain: after one input all is polled until dry, stack and what lives above in turn

void SipHost::drain() {
  if (draining_) return;  // a hook called: the loop below is under way
  draining_ = true;
  const Time time = now();
  bool first = true;
  while (poll_stack(time) || first) {
    first = false;
    if (hooks_.after_drain) hooks_.after_drain(time);
  }
  draining_ = false;
  arm();
}

bool SipHost::poll_stack(Time time) {
  bool any = false;
  for (bool again = true; again;) {
    again = false;
    while (const auto io = stack_.poll_io()) {
      std::visit([this](const auto& output) { carry_out(output); }, *io);
      any = true;
    }
    // One event, then its consequences: what its handler sends leaves before the next one is looked at.
    if (auto event = stack_.poll_event()) {
      if (hooks_.on_event) hooks_.on_event(std::move(*event), time);
      any = again = true;
    }
  }
  return any;
}

// --- time

void SipHost::arm() {
  const auto above = hooks_.deadline ? hooks_.deadline() : std::nullopt;
  const auto wanted = earlier(stack_.deadline(), above);
  // A timer that is armed too early fires once for nothing; that is cheaper than to move it for each of the
  // many deadlines that come and go unreached.
  if (!wanted || (armed_ && *armed_ <= wanted->when)) return;
  armed_ = wanted->when;
  timer_.expires_at(clock_.to_steady(wanted->when));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) timer_fired();  // else moved or destroyed: `this` may be gone
  });
}

void SipHost::timer_fired() {
  ++wakeups_;
  armed_.reset();
  const Time time = now();
  if (const auto due = stack_.deadline(); due && due->when <= time) {
    stack_.on_time(time);
    stack_.run(time);
  }
  if (hooks_.deadline && hooks_.on_time)
    if (const auto due = hooks_.deadline(); due && due->when <= time) hooks_.on_time(time);
  drain();
}

// --- sockets

Expected<SipHost::Bound> SipHost::bind_udp(const Address& local) {
  auto entry = std::make_unique<Udp>();
  auto socket = net::DatagramSocket::bind(
      io_, local, settings_.dscp,
      [this, entry = entry.get()](const Address& from, const IpAddress& at, std::string bytes) {
        input([&](sip::TransportLayer& transport, Time time) {
          transport.datagram(part_of(*entry, at), from, std::move(bytes), time);
        });
      },
      [this, entry = entry.get()](const Address& to, const std::string& why) {
        say_of_connection(LogLevel::warning, why);  // one for each packet, while a server is away
        input([&](sip::TransportLayer& transport, Time time) {
          transport.datagram_failed(entry->id, to, why, time);
        });
      });
  if (!socket) return tl::make_unexpected(std::move(socket.error()));
  entry->socket = std::move(*socket);
  entry->id = stack_.transport().add_udp_socket(entry->socket->local());
  const Bound bound{entry->id, entry->socket->local()};
  udp_.push_back(std::move(entry));
  say(LogLevel::info, fmt::format("UDP {} is open", bound.local.to_string()));
  return bound;
}

// Bound: as many parts as a machine has addresses, and then some; a datagram for one more (a broadcast, an
// anycast address) comes in by the socket itself.
sip::SocketId SipHost::part_of(Udp& udp, const IpAddress& local) {
  constexpr std::size_t parts_max = 64;
  if (!udp.socket->local().ip.is_unspecified() || local.is_unspecified()) return udp.id;
  for (const auto& [ip, id] : udp.parts)
    if (ip == local) return id;
  if (udp.parts.size() >= parts_max) return udp.id;
  udp.parts.emplace_back(local, stack_.transport().add_udp_socket({local, udp.socket->local().port}));
  return udp.parts.back().second;
}

sip::SocketId SipHost::socket_at(sip::SocketId on_all, const IpAddress& local) {
  for (const auto& entry : udp_)
    if (entry->id == on_all) return part_of(*entry, local);
  return on_all;
}

Expected<SipHost::Bound> SipHost::listen_tcp(const Address& local) {
  auto entry = std::make_unique<Listener>();
  auto socket = net::StreamListener::listen(
      io_, local,
      [this, entry = entry.get()](std::unique_ptr<net::StreamConnection> connection) {
        accepted(entry->id, std::move(connection));
      },
      settings_.dscp);
  if (!socket) return tl::make_unexpected(std::move(socket.error()));
  entry->socket = std::move(*socket);
  entry->id = stack_.transport().add_listener(sip::Transport::tcp, entry->socket->local());
  const Bound bound{entry->id, entry->socket->local()};
  listeners_.push_back(std::move(entry));
  say(LogLevel::info, fmt::format("TCP {} is open", bound.local.to_string()));
  return bound;
}

Expected<SipHost::Bound> SipHost::listen_tls(const Address& local, sip::TlsProfileId profile_id) {
  auto* profile = tls_profile(profile_id);
  if (profile == nullptr) return fail(Layer::net, Fault::not_found, "no such TLS profile");
  auto entry = std::make_unique<Listener>();
  auto socket = profile->listen(
      local,
      [this, entry = entry.get()](std::unique_ptr<net::StreamConnection> connection) {
        accepted(entry->id, std::move(connection));
      },
      [this](const Address& remote, const Error& why) {
        say_of_connection(LogLevel::warning,
                          fmt::format("TLS from {} refused: {}", remote.to_string(), describe(why)));
      },
      settings_.dscp);
  if (!socket) return tl::make_unexpected(std::move(socket.error()));
  entry->socket = std::move(*socket);
  entry->id = stack_.transport().add_listener(sip::Transport::tls, entry->socket->local(), profile_id);
  const Bound bound{entry->id, entry->socket->local()};
  listeners_.push_back(std::move(entry));
  say(LogLevel::info, fmt::format("TLS {} is open", bound.local.to_string()));
  return bound;
}

Expected<SipHost::BoundPair> SipHost::bind_both(const IpAddress& ip, std::uint16_t port_min,
                                                std::uint16_t port_max) {
  // A port that the system chose for UDP may be taken for TCP: some more choices, then the error.
  const int tries = port_min == 0 ? 16 : port_max - port_min + 1;
  if (tries <= 0)
    return fail(Layer::net, Fault::range,
                fmt::format("SIP ports {}-{}: the first is above the last", port_min, port_max),
                "correct sip_port_min and sip_port_max");
  Error last;
  for (int i = 0; i < tries; ++i) {
    const auto port = port_min == 0 ? 0 : port_min + i;
    const auto udp = bind_udp({ip, static_cast<std::uint16_t>(port)});
    if (udp) {
      const auto tcp = listen_tcp(udp->local);
      if (tcp) return BoundPair{udp->socket, tcp->socket, udp->local};
      close(udp->socket);
      last = tcp.error();
    } else {
      last = udp.error();
    }
    if (last.fault != Fault::busy) return tl::make_unexpected(std::move(last));
  }
  if (tries == 1 || port_min == 0) return tl::make_unexpected(std::move(last));
  return fail(Layer::net, Fault::busy,
              fmt::format("SIP ports {}-{} on {} are all in use", port_min, port_max, ip.to_string()),
              "choose another sip_port_min and sip_port_max, or stop the programs that hold them");
}

void SipHost::close(sip::SocketId socket) {
  stack_.transport().remove_socket(socket);
  for (const auto& entry : udp_)
    if (entry->id == socket)
      for (const auto& [ip, part] : entry->parts) stack_.transport().remove_socket(part);
  std::erase_if(udp_, [&](const auto& entry) { return entry->id == socket; });
  std::erase_if(listeners_, [&](const auto& entry) { return entry->id == socket; });
}

// --- TLS

Expected<sip::TlsProfileId> SipHost::add_tls_profile(net::TlsSettings settings) {
  for (const auto& [what, path] :
       {std::pair("certificate", &settings.certificate_file), std::pair("private key", &settings.key_file),
        std::pair("CA", &settings.ca_file)})
    if (!path->empty() && ::access(path->c_str(), R_OK) != 0)
      return fail(Layer::net, errno == ENOENT ? Fault::not_found : Fault::io,
                  fmt::format("the {} file {} cannot be read: {}", what, *path, net::error_text(errno)),
                  "correct its name or its permissions");
  const auto id = tls_profile_ids_.next();
  tls_profiles_.emplace(id, make_tls_profile(std::move(settings)));
  return id;
}

std::unique_ptr<net::TlsProfile> SipHost::make_tls_profile(net::TlsSettings settings) {
  auto profile = std::make_unique<net::TlsProfile>(io_, std::move(settings));
  profile->set_on_warning([this](const Error& warning) { say(LogLevel::warning, describe(warning)); });
  return profile;
}

net::TlsProfile* SipHost::tls_profile(sip::TlsProfileId id) {
  const auto found = tls_profiles_.find(id);
  if (found != tls_profiles_.end()) return found->second.get();
  if (id) return nullptr;
  return tls_profiles_.emplace(id, make_tls_profile({})).first->second.get();
}

// --- connections

void SipHost::accepted(sip::SocketId listener, std::unique_ptr<net::StreamConnection> connection) {
  const Time time = now();
  const auto id = stack_.transport().accepted(listener, connection->local(), connection->remote(), time,
                                              connection->peer_names());
  if (!id) {
    say_of_connection(LogLevel::warning, fmt::format("Connection from {} refused: too many connections",
                                                     connection->remote().to_string()));
    return;
  }
  connection->set_handlers(handlers_of(id));
  connections_.emplace(id, std::move(connection));
  drain();
}

net::StreamConnection::Handlers SipHost::handlers_of(sip::ConnectionId id) {
  return {
      [this, id](const Address& local, const Address& remote) {
        input([&](sip::TransportLayer& transport, Time time) { transport.opened(id, local, remote, time); });
      },
      [this, id](std::string_view bytes) {
        input([&](sip::TransportLayer& transport, Time time) { transport.stream_data(id, bytes, time); });
      },
      [this, id](const std::string& why) { closed(id, why); }};
}

void SipHost::closed(sip::ConnectionId id, const std::string& why) {
  say_of_connection(LogLevel::info, fmt::format("Connection {} closed: {}", id.value, why));
  connections_.erase(id);
  input([&](sip::TransportLayer& transport, Time time) { transport.closed(id, why, time); });
}

// --- outputs

void SipHost::carry_out(const sip::SendDatagram& output) {
  for (const auto& entry : udp_) {
    if (entry->id == output.socket) return entry->socket->send(output.to, output.bytes);
    for (const auto& [ip, part] : entry->parts)
      if (part == output.socket) return entry->socket->send(output.to, output.bytes, ip);
  }
}

void SipHost::carry_out(const sip::SendStream& output) {
  if (const auto found = connections_.find(output.connection); found != connections_.end())
    found->second->send(output.bytes);
}

void SipHost::carry_out(const sip::OpenConnection& output) {
  auto from = settings_.connect_from;
  if (from && from->family != output.to.ip.family) from.reset();
  if (output.transport == sip::Transport::tls) return connect_tls(output, from);
  const auto id = output.connection;
  connections_[id] =
      net::StreamConnection::connect(io_, output.to, settings_.connect_port_min, settings_.connect_port_max,
                                     handlers_of(id), settings_.dscp, from);
}

void SipHost::connect_tls(const sip::OpenConnection& output, std::optional<IpAddress> from) {
  const auto id = output.connection;
  auto* profile = tls_profile(output.tls_profile);
  if (profile == nullptr) {
    // Never an answer from inside poll_io(): inputs and outputs do not interleave.
    post([this, id] { closed(id, "its TLS profile is gone"); });
    return;
  }
  connections_[id] = profile->connect(output.to, output.host_name, settings_.connect_port_min,
                                      settings_.connect_port_max, handlers_of(id), settings_.dscp, from);
}

void SipHost::carry_out(const sip::CloseConnection& output) { connections_.erase(output.connection); }

void SipHost::carry_out(const sip::DnsQuery& output) {
  const auto type = static_cast<std::uint16_t>(output.type);
  dns_.ask(output.name, type, [this, id = output.id, name = output.name](const net::DnsReply& reply) {
    input([&](sip::TransportLayer& transport, Time time) {
      transport.dns_answer(id, answer_of(reply, name), time);
    });
  });
}

}  // namespace sidetone::engine
