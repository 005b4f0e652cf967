// The four transaction machines of RFC 3261 §17 with RFC 6026's Accepted state, over a TransportLayer.
// One file per machine (ict, nict, ist, nist), one ready queue and one timer heap for all of them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "base/strong_id.h"
#include "sip/transport/transport_layer.h"

namespace sidetone::sip {

using ClientTransactionId = StrongId<struct ClientTransactionTag>;
using ServerTransactionId = StrongId<struct ServerTransactionTag>;

struct TimerSettings {  // RFC 3261 §17.1.1.1 and table 4
  Duration t1 = std::chrono::milliseconds(500);
  Duration t2 = std::chrono::seconds(4);
  Duration t4 = std::chrono::seconds(5);
  // sip_transaction_timeout: how long a client transaction waits for its first answer (timer B, F); 64*T1
  // when not set. An INVITE that got a provisional response is not bound by it.
  std::optional<Duration> client_timeout;
  std::size_t transactions_max = 20000;  // bound: beyond it new requests get a stateless 503
};

// What the transaction layer tells its user. ACK to a non-2xx and retransmissions never come up.
struct RequestReceived {  // a new server transaction; an ACK to a 2xx has id none
  ServerTransactionId id;
  Flow flow;
  Message message;
};
struct CancelReceived {
  ServerTransactionId invite;
  Message message;
};  // 200 to the CANCEL was sent already;
    // the user answers the INVITE (487)
struct ResponseReceived {  // 1xx, and each final one (several 2xx to an INVITE, RFC 6026 §7.2)
  ClientTransactionId id;
  Flow flow;
  Message message;
};
struct ClientFailed {  // no answer, or the transport failed (§17.1.4, §18.4)
  ClientTransactionId id;
  enum class Why { timeout, transport } why;
  std::string text;
};
struct AbandonedEnded {  // an INVITE that failed by timeout: from now on nothing that answers it comes up
  ClientTransactionId id;
};
struct ServerFailed {
  ServerTransactionId id;
  std::string text;
};  // timer H: no ACK to our non-2xx
using FlowLost = TransportLayer::FlowLost;  // passed on
using TransactionEvent = std::variant<RequestReceived, CancelReceived, ResponseReceived, ClientFailed,
                                      AbandonedEnded, ServerFailed, FlowLost>;

class TransactionLayer {
 public:
  TransactionLayer(TransportSettings transport, TimerSettings timers, Random& random, LogSink& log);
  ~TransactionLayer();

  // The driver's inputs go straight to the transport; call handle() or on_time() after them. Law of the
  // drain: one input, then poll_event() and poll_io() until dry.
  [[nodiscard]] TransportLayer& transport();
  // Asked before a request makes state; must outlive this. Null: all do.
  void set_gate(RequestGate* gate);
  void pump(Time now);  // moves what the transport received into the machines
  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;

  // INVITE and all others but ACK and CANCEL. Via is added; all else is the caller's.
  ClientTransactionId send(Message request, NextHop next_hop, Time now);
  // CANCEL for an INVITE without final response, hop by hop with the same branch (§9.1). Waits for the first
  // provisional response by itself. False when it is too late. An INVITE that still waits for a name or a
  // connection never leaves: ClientFailed{timeout} at once.
  // `reason` becomes its Reason header (RFC 3326 §3.1: "Call completed elsewhere") when not empty.
  bool cancel(ClientTransactionId invite, Time now, std::string reason = {});
  // RFC 3261 §9.1: 64*T1 after a CANCEL without a final response the INVITE is considered cancelled; the
  // layer then reports ClientFailed{timeout}.
  // ACK to a 2xx: end to end, its own branch, no transaction (§13.2.2.4). Returns a handle with which the
  // same bytes are sent again for each retransmitted 2xx.
  struct AckHandle;
  std::shared_ptr<AckHandle> send_ack(Message ack, NextHop next_hop, Time now);
  void resend_ack(const AckHandle& handle, Time now);

  // 1xx any number, then one final; a 2xx to an INVITE may be repeated by the user (§13.3.1.4) with
  // resend_2xx(), the machine is in Accepted (RFC 6026) and absorbs INVITE retransmissions.
  bool respond(ServerTransactionId id, Message response, Time now);
  bool resend_2xx(ServerTransactionId id, Time now);
  // The ACK to the 2xx came: its bytes are freed at once, resend_2xx() is false from here on.
  void settle(ServerTransactionId id);
  // The request of a server transaction without final response; null afterwards: finished transactions keep
  // only the bytes that they may have to send again.
  [[nodiscard]] const Message* request_of(ServerTransactionId id) const;

  // A client transaction with this branch is alive. For who must know before a response is read.
  [[nodiscard]] bool awaits(std::string_view branch) const;

  std::optional<TransactionEvent> poll_event();

  struct Counters {
    std::size_t clients = 0, servers = 0, timers = 0;
    std::uint64_t retransmissions_sent = 0, retransmissions_absorbed = 0, overloaded = 0;
  };
  [[nodiscard]] Counters counters() const;
  // "ict:calling>proceeding" ... each transition taken since start, with its count (coverage in simulations).
  [[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> transitions() const;
  // All names that transitions() can give.
  [[nodiscard]] static std::span<const std::string_view> known_transitions();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::sip
