// Drives one sip::Stack over real sockets: inputs with their time in, outputs carried out, one timer for the
// earliest deadline.
//
//   boost::asio::io_context io(1);
//   SipHost host(io, stack, clock, {}, log);
//   host.set_hooks({.on_event = [&](sip::Event&& event, Time now) { ... }});
//   auto socket = host.bind_udp(address);
//   io.run();
//
// All of it on the one thread that runs the io_context, which may drive several hosts; post() alone may be
// called from anywhere. Hooks may call the stack directly: the drain that is under way sees what that made.
// Who calls the stack outside of a hook or post() calls drain() after it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/steady_time.h"
#include "net/datagram_socket.h"
#include "net/dns_client.h"
#include "net/stream_socket.h"
#include "net/tls_profile.h"
#include "sip/guard/allowance.h"
#include "sip/stack.h"

namespace sidetone::engine {

struct SipHostSettings {
  int dscp = 0;
  std::optional<IpAddress> connect_from;  // source of outgoing connections of its family; else the route's
  net::DnsSettings dns;
  std::uint16_t connect_port_min = 0, connect_port_max = 0;  // 0: any
};

// What lives above the stack and is driven with it. Each may be empty.
struct SipHostHooks {
  std::function<void(sip::Event&&, Time)> on_event;
  // After the stack ran dry: poll what lives above. Called again until that gives the stack nothing to do.
  std::function<void(Time)> after_drain;
  // When `deadline` of what lives above is due; it is asked after each drain.
  std::function<void(Time)> on_time;
  std::function<std::optional<Deadline>()> deadline;
};

class SipHost {
 public:
  SipHost(boost::asio::io_context& io, sip::Stack& stack, const SteadyTime& clock, SipHostSettings settings,
          LogSink& log);
  ~SipHost();  // on the io_context's thread, or when that has stopped
  SipHost(const SipHost&) = delete;
  SipHost& operator=(const SipHost&) = delete;

  void set_hooks(SipHostHooks hooks) { hooks_ = std::move(hooks); }

  struct Bound {
    sip::SocketId socket;
    Address local;  // with the port that the system chose
  };
  Expected<Bound> bind_udp(const Address& local);
  Expected<Bound> listen_tcp(const Address& local);
  // TLS of one line, or of several that share certificates and trust. Only files that are not there are
  // faults here; the rest shows when the first connection needs it. Requests without a profile get the
  // system's trust and no certificate.
  Expected<sip::TlsProfileId> add_tls_profile(net::TlsSettings settings);
  Expected<Bound> listen_tls(const Address& local, sip::TlsProfileId profile);
  struct BoundPair {
    sip::SocketId udp, tcp;
    Address local;
  };
  // UDP and TCP on the first port of the range that is free for both; 0 to 0: any. An unspecified address:
  // on all interfaces.
  Expected<BoundPair> bind_both(const IpAddress& ip, std::uint16_t port_min, std::uint16_t port_max);
  // A UDP socket that is bound to all addresses, as the stack's socket on one of them: what it sends leaves
  // from there, and its Via and Contact say so.
  sip::SocketId socket_at(sip::SocketId on_all, const IpAddress& local);
  void close(sip::SocketId socket);  // the stack forgets it, too

  // Runs `work` on the io_context's thread, then drains. From any thread.
  void post(std::function<void()> work);
  void drain();
  void connect_from(const IpAddress& ip) { settings_.connect_from = ip; }
  [[nodiscard]] Time now() const { return clock_.now(); }
  [[nodiscard]] sip::Stack& stack() { return stack_; }
  // How often the timer woke us: an idle phone is judged by it.
  [[nodiscard]] std::uint64_t wakeups() const { return wakeups_; }

 private:
  struct Udp {
    sip::SocketId id;
    std::unique_ptr<net::DatagramSocket> socket;
    // Bound to all addresses: those of them that were used, each a socket of the stack.
    std::vector<std::pair<IpAddress, sip::SocketId>> parts;
  };
  struct Listener {
    sip::SocketId id;
    std::unique_ptr<net::StreamListener> socket;
  };

  // Feeds the transport, moves it up, drains.
  template <typename Input>
  void input(Input&& feed);
  bool poll_stack(Time now);
  void carry_out(const sip::SendDatagram& output);
  void carry_out(const sip::SendStream& output);
  void carry_out(const sip::OpenConnection& output);
  void carry_out(const sip::CloseConnection& output);
  void carry_out(const sip::DnsQuery& output);
  net::TlsProfile* tls_profile(sip::TlsProfileId id);
  std::unique_ptr<net::TlsProfile> make_tls_profile(net::TlsSettings settings);
  void connect_tls(const sip::OpenConnection& output, std::optional<IpAddress> from);
  sip::SocketId part_of(Udp& udp, const IpAddress& local);
  void accepted(sip::SocketId listener, std::unique_ptr<net::StreamConnection> connection);
  net::StreamConnection::Handlers handlers_of(sip::ConnectionId id);
  void closed(sip::ConnectionId id, const std::string& why);
  void arm();
  void timer_fired();
  void say(LogLevel level, std::string text);
  void say_of_connection(LogLevel level, std::string text);

  boost::asio::io_context& io_;
  sip::Stack& stack_;
  const SteadyTime& clock_;
  SipHostSettings settings_;
  LogSink& log_;
  SipHostHooks hooks_;
  std::vector<std::unique_ptr<Udp>> udp_;
  std::vector<std::unique_ptr<Listener>> listeners_;
  std::unordered_map<sip::TlsProfileId, std::unique_ptr<net::TlsProfile>> tls_profiles_;  // 0: the default
  IdSource<sip::TlsProfileId> tls_profile_ids_;
  std::unordered_map<sip::ConnectionId, std::unique_ptr<net::StreamConnection>> connections_;
  net::DnsClient dns_;
  boost::asio::steady_timer timer_;
  std::optional<Time> armed_;
  sip::Allowance connection_lines_{20, std::chrono::seconds(5)};
  std::uint64_t connections_unsaid_ = 0;
  bool draining_ = false;
  std::uint64_t wakeups_ = 0;
  std::shared_ptr<int> alive_ = std::make_shared<int>(0);  // what was posted checks it
};

}  // namespace sidetone::engine
