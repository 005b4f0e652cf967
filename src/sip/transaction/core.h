// What the four machines share: the tables of transactions, the timer heap, the queue of events, the
// transport. The machines are functions over it, one file each.
#pragma once

#include <array>
#include <deque>
#include <memory>
#include <string>
#include <unordered_map>

#include "sip/transaction/timer_heap.h"
#include "sip/transaction/transaction_layer.h"
#include "sip/transaction/transition.h"

namespace sidetone::sip::transaction {

enum class State : std::uint8_t { calling, trying, proceeding, completed, confirmed, accepted, abandoned };

// Kept small: a finished call leaves a few of these until timers D, I, J, K, L, M end.
struct Client {
  ClientTransactionId id;
  std::string key;
  Flow flow;
  Bytes bytes;  // the request, until a final response came; then the ACK of a non-2xx
  Time started;
  Duration interval{0};
  TimerHandle repeat = 0;  // A, E
  TimerHandle end = 0;     // B, D, F, K, M, cancel
  Method method = Method::other;
  State state = State::trying;
  bool sent = false;           // a name may have to be resolved or a connection opened first
  bool own_cancel = false;     // our CANCEL: its responses concern nobody else
  bool cancel_wanted = false;  // INVITE
  bool cancel_sent = false;
  bool abandoned = false;  // Timer B has told the user so
  std::string cancel_reason;
};

struct Server {
  ServerTransactionId id;
  std::string key;
  Flow flow;                         // the way of the responses
  Bytes bytes;                       // the last response
  std::unique_ptr<Message> request;  // until the final response
  std::string to_tag;                // that of our responses (§9.2: the CANCEL's is the same)
  Duration interval{0};
  TimerHandle repeat = 0;  // G, trying
  TimerHandle end = 0;     // H, I, J, L
  State state = State::trying;
  bool is_invite = false;
  bool cancelled = false;
};

[[nodiscard]] inline bool is_reliable(const Flow& flow) { return flow.transport != Transport::udp; }

struct Core {
  Core(TransportSettings transport_settings, TimerSettings timer_settings, Random& random_source,
       LogSink& log_sink);

  // --- tables
  Client& add_client(Method method, std::string_view branch, Time now);
  Server& add_server(std::string key, const Message& request, const Flow& flow);
  [[nodiscard]] Client* client(ClientTransactionId id) const;
  [[nodiscard]] Server* server(ServerTransactionId id) const;
  [[nodiscard]] Client* find_client(std::string_view key) const;
  [[nodiscard]] Server* find_server(std::string_view key) const;
  void finish(Client& transaction);  // the reference is dead afterwards
  void finish(Server& transaction);

  // --- timers
  void arm(Client& transaction, TimerKind kind, Duration after, Time now);
  void arm(Server& transaction, TimerKind kind, Duration after, Time now);
  void stop_timers(Client& transaction);
  void stop_timers(Server& transaction);
  [[nodiscard]] Duration t1_64() const { return 64 * timers.t1; }
  [[nodiscard]] Duration first_answer() const { return timers.client_timeout.value_or(t1_64()); }

  // --- what machines do
  void took(Transition transition) { ++transitions[static_cast<std::size_t>(transition)]; }
  void retransmit(const Flow& flow, const Bytes& bytes, Time now);
  void failed(const Client& transaction, ClientFailed::Why why, std::string text);
  [[nodiscard]] std::string stateless_tag(const Message& request) const;
  void answer_stateless(const Message& request, const Flow& flow, int status, std::string_view reason,
                        Time now);

  TransportLayer transport;
  TimerSettings timers;
  RequestGate* gate = nullptr;
  Random& random;
  LogSink& log;
  TimerHeap heap;
  std::deque<TransactionEvent> events;
  TransactionLayer::Counters counters;
  std::array<std::uint64_t, transition_count> transitions{};

  IdSource<ClientTransactionId> client_ids;  // also the transport's tokens, of ACKs, too
  IdSource<ServerTransactionId> server_ids;
  std::unordered_map<ClientTransactionId, std::unique_ptr<Client>> clients;
  std::unordered_map<ServerTransactionId, std::unique_ptr<Server>> servers;
  std::unordered_map<std::string_view, Client*> clients_by_key;  // views of Client::key
  std::unordered_map<std::string_view, Server*> servers_by_key;
  std::uint64_t tag_salt;
};

// INVITE client transaction: RFC 3261 §17.1.1, RFC 6026 §8.4.
namespace ict {
void start(Core& core, Client& transaction, Time now);
void on_sent(Core& core, Client& transaction, Time now);
void on_response(Core& core, Client& transaction, const Flow& flow, Message response, Time now);
void on_timer(Core& core, Client& transaction, TimerKind kind, Time now);
void on_transport_error(Core& core, Client& transaction, std::string why);
bool cancel(Core& core, Client& transaction, std::string reason, Time now);
}  // namespace ict

// Other client transaction: RFC 3261 §17.1.2.
namespace nict {
void start(Core& core, Client& transaction, Time now);
void on_sent(Core& core, Client& transaction, Time now);
void on_response(Core& core, Client& transaction, const Flow& flow, Message response, Time now);
void on_timer(Core& core, Client& transaction, TimerKind kind, Time now);
void on_transport_error(Core& core, Client& transaction, std::string why);
}  // namespace nict

// INVITE server transaction: RFC 3261 §17.2.1, RFC 6026 §8.7.
namespace ist {
void start(Core& core, Server& transaction, Time now);
void on_retransmission(Core& core, Server& transaction, Time now);
void on_cancel(Core& core, Server& transaction, Message cancel, const Flow& flow, Time now);
// True when the ACK was the machine's own; otherwise it is the user's.
bool on_ack(Core& core, Server& transaction, Time now);
bool respond(Core& core, Server& transaction, const Message& response, Time now);
bool resend_2xx(Core& core, Server& transaction, Time now);
void on_timer(Core& core, Server& transaction, TimerKind kind, Time now);
}  // namespace ist

// Other server transaction: RFC 3261 §17.2.2.
namespace nist {
void start(Core& core, Server& transaction);
void on_retransmission(Core& core, Server& transaction, Time now);
bool respond(Core& core, Server& transaction, const Message& response, Time now);
void on_timer(Core& core, Server& transaction, TimerKind kind);
}  // namespace nist

}  // namespace sidetone::sip::transaction
