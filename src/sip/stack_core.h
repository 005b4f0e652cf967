// What sessions, registrations and requests share inside one Stack: sending with credentials, building
// messages, the indexes, the timers, the queue of events. Not for users of the Stack.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "sip/account_index.h"
#include "sip/account_state.h"
#include "sip/dialog/dialog_usages.h"
#include "sip/guard/source_guard.h"
#include "sip/location/unavailable_servers.h"
#include "sip/message/headers.h"
#include "sip/stack.h"
#include "sip/stack_timers.h"

namespace sidetone::sip {

class InviteSession;
class Registration;
class Subscriptions;
class Publications;

// What makes two flows the same one.
struct FlowKey {
  explicit FlowKey(const Flow& flow) : connection(flow.connection) {
    if (flow.transport != Transport::udp) return;
    socket = flow.socket;
    remote = flow.remote;
  }
  ConnectionId connection;
  SocketId socket;
  Address remote;
  auto operator<=>(const FlowKey&) const = default;
};
// A connection that slept for longer is closed and opened anew: the server has given up its transactions
// after 32 s (64*T1), and NATs forget connections that say nothing.
inline constexpr Duration flow_believed_max = std::chrono::seconds(32);

// A response to a request of ours, or what is made up in its place (RFC 3261 §8.1.3.1).
struct Outcome {
  int status = 0;
  MessagePtr message;  // null: made up
  Flow flow;
  std::string text;
  bool is_late = false;                                   // a 2xx to an INVITE that was given up before
  DigestClient::Proof proof = DigestClient::Proof::none;  // that the server knows the password, too
  [[nodiscard]] bool is_final() const { return status >= 200; }
  [[nodiscard]] bool is_success() const { return status >= 200 && status < 300; }
};

// A request of ours until its final response. Challenges are answered on the way, the owner does not see
// them; that is why the request that was answered is kept here.
struct Outgoing : std::enable_shared_from_this<Outgoing> {
  Message request;              // as last sent, without Via
  NextHop hop;                  // as it was asked for: perhaps a name
  std::vector<Target> targets;  // what that name led to; empty for an address
  std::size_t target = 0;       // the one that is tried
  Time give_up;                 // no further one after this
  bool heard = false;           // a provisional response came: that server is at work
  AccountPtr account;           // whose credentials; may be null
  std::function<std::uint32_t()> next_cseq;
  std::function<void(const Outcome&, Time)> handler;
  ClientTransactionId transaction;  // none while the name is looked up
  int challenges = 0;
  bool may_authenticate = false;  // its credentials may be asked for, see StackCore::is_for_server()
  bool cancelled = false;
  Timer linger;  // further 2xx to an INVITE come up until it ends
};
using OutgoingPtr = std::shared_ptr<Outgoing>;

struct PendingServerRequest {
  ServerTransactionId transaction;
  MessagePtr request;
  AccountId account;
  SessionId session;
  Flow flow;
  std::string to_tag;  // of all its responses
  Timer unanswered;
};
struct WaitingInvite {
  SessionId session;
  std::string merge_key;
};
struct PendingClientRequest {
  SessionId session;
};
// A request outside of dialogs, ready for its own headers and body.
struct NewRequest {
  Message message;
  NextHop hop;
  AccountPtr account;
};

// A BYE that could not leave, until its next attempt.
struct UnsentBye {
  std::shared_ptr<Dialog> dialog;
  std::vector<ExtraHeader> headers;
  AccountPtr account;
  std::function<void(const Outcome&, Time)> handler;
  Time give_up;
  Timer again;
};

struct StackCore {
  StackCore(StackSettings stack_settings, Random& random_source, LogSink& log_sink);
  ~StackCore();

  // --- sending requests (stack_sending.cpp)
  OutgoingPtr send(Message request, NextHop hop, AccountPtr account, std::function<std::uint32_t()> next_cseq,
                   std::function<void(const Outcome&, Time)> handler, Time now, bool may_authenticate = true);
  // Whether credentials of the account may go there: a digest is a password that can be guessed off line.
  [[nodiscard]] bool is_for_server(const AccountState& account, const NextHop& hop) const;
  [[nodiscard]] static bool is_server_name(const AccountState& account, std::string_view host);
  [[nodiscard]] bool may_challenge(const Outgoing& outgoing, const Flow& flow) const;
  OutgoingPtr send_in_dialog(const std::shared_ptr<Dialog>& dialog, Message request, AccountPtr account,
                             std::function<void(const Outcome&, Time)> handler, Time now);
  void cancel(Outgoing& outgoing, std::string reason, Time now);
  void on_response(ClientTransactionId id, Outcome outcome, Time now);
  void on_late_answer(ClientTransactionId id, Outcome outcome, Time now);
  // --- to names (stack_failover.cpp)
  void start(const OutgoingPtr& outgoing, Time now);
  void take_targets(const OutgoingPtr& outgoing, const Located& located, Time now);
  void transmit(const OutgoingPtr& outgoing, Time now);
  // The outcome was one that another server may better, and there is one: it is tried.
  bool try_next(const OutgoingPtr& outgoing, const Outcome& outcome, Time now);
  void note_server(const OutgoingPtr& outgoing, const Outcome& outcome, Time now);
  // What is sent without a transaction: to the server that a request would go to now, when that is known.
  [[nodiscard]] NextHop way_now(NextHop hop, const AccountState* account, Time now);
  // Outcomes are told when the stack is at rest, never from inside the call that led to them.
  void settle_later(Outgoing& outgoing, Outcome outcome);
  bool run_located(Time now);  // false: there was nothing to do
  // A BYE that cannot leave is sent again for a while: the peer would stay in a call that is over.
  void send_bye(std::shared_ptr<Dialog> dialog, std::vector<ExtraHeader> headers, AccountPtr account,
                std::function<void(const Outcome&, Time)> handler, Time now);
  // After many calls at once: gives their room back.
  void shrink();
  // A BYE that nobody waits for: stray forks and dialogs that are gone.
  void send_stray_bye(const std::shared_ptr<Dialog>& dialog, AccountPtr account, Time now);

  // --- building messages (stack_messages.cpp)
  // Out of dialog: From with a new tag, To, Call-ID, CSeq 1, Max-Forwards, User-Agent.
  Message new_request(std::string_view method, std::string_view target, std::string_view from_display,
                      std::string_view from_uri);
  // With Contact; who sends, as whom and where to are the account's unless given.
  Expected<NewRequest> start_request(std::string_view method, AccountId account, std::string_view target,
                                     std::string_view from_display, std::string_view from_uri,
                                     const std::optional<NextHop>& next_hop);
  // By a flow, or by the way that a request will take, as far as it is known before it is sent.
  // `secure`: the request or its dialog is for a sips: URI (RFC 3261 §8.1.1.8, §12.1.1).
  void add_contact(Message& message, const AccountState* account, const Flow& flow, bool secure = false) {
    add_contact(message, account,
                contact_uri(account, transactions.transport().sent_by(flow), flow.transport, secure));
  }
  void add_contact(Message& message, const AccountState* account, const NextHop& hop, bool secure = false) {
    add_contact(message, account,
                contact_uri(account, transactions.transport().sent_by(hop),
                            hop.flow ? hop.flow->transport : hop.transport, secure));
  }
  void add_contact(Message& message, const AccountState* account, const std::string& uri);
  [[nodiscard]] static std::string contact_value(const AccountState* account, const std::string& uri);
  [[nodiscard]] static std::string contact_uri(const AccountState* account, std::string_view sent_by,
                                               Transport transport, bool secure = false);
  [[nodiscard]] static std::string contact_user(const Account& account);
  void add_capabilities(Message& message, bool reliable_provisionals = true);  // Allow, Supported
  // Whether an INFO comes up: a legacy one, or one of a package that we said to receive (RFC 6086 §4.2.2).
  [[nodiscard]] bool takes_info(const Message& info) const;
  // What a phone hands to its user; the rest is refused.
  [[nodiscard]] bool is_for_user(Method method) const;
  void add_product(Message& message);  // User-Agent or Server
  Message response(const Message& request, int status, std::string_view reason, std::string_view to_tag);

  // --- flows (stack_flows.cpp)
  // From a 2xx to REGISTER. True: Contact was wrong, register once more. `corrects`: this was the answer to
  // such a once more; whatever it says, there is no other. A NAT that gives each REGISTER another port
  // therefore costs one REGISTER per refresh, never a loop.
  bool take_flow_facts(AccountState& account, const Outcome& outcome, bool corrects, Time now);
  void keep_flow(AccountState& account, const Outcome& outcome, const Via& via, bool translated, Time now);
  void release_flow(AccountState& account);
  void on_flow_lost(const FlowLost& lost, Time now);
  void on_network_change(std::vector<IpAddress> addresses, Time now);
  void on_resume(Duration slept, Time now);

  // --- answering
  void respond(ServerTransactionId id, Message response, Time now) {
    transactions.respond(id, std::move(response), now);
  }
  void refuse(const RequestReceived& request, int status, Time now, std::vector<ExtraHeader> headers = {});
  void answer_options(ServerTransactionId id, const Message& request, const AccountState* account,
                      const Flow& flow, Time now);
  // An INVITE of the peer waits for its final response ... and has got it; false when it did not wait.
  void waits(ServerTransactionId id, SessionId session, const Message& invite);
  bool answered(ServerTransactionId id);
  [[nodiscard]] bool waits_already(const Message& invite) const;
  // A request comes up to the user (stack_requests.cpp).
  void raise(ServerTransactionId id, AccountId account, SessionId session, MessagePtr request,
             const Flow& flow, Time now);
  Expected<void> answer_request(ServerRequestId id, const Response& answer, Time now);
  Expected<ClientRequestId> request_in_dialog(InviteSession& session, Method method,
                                              const std::vector<ExtraHeader>& headers, std::string_view body,
                                              std::string_view content_type, Time now);
  Expected<ClientRequestId> request_outside(const OutgoingRequest& wish, Time now);
  // Answers 487 and 481 to all that wait inside a session that ends (§15.1.2).
  void drop_requests(SessionId session, Time now);

  void attempt_bye(UnsentBye bye, Time now);

  [[nodiscard]] Duration timer_h() const { return settings.timers.t1 * 64; }
  void emit(Event event) { events.push_back(std::move(event)); }
  void note(LogLevel level, LogTag tag, Time now, std::uint64_t account, std::uint64_t session,
            std::string text);
  // So that messages with this Call-ID are found in the log by line and call.
  void name_in_log(const AccountState* account, SessionId session, std::string_view call_id) const;
  void forget(InviteSession& session);
  // --- whom the guard believes (stack_sources.cpp)
  // To be called when the account is new and whenever its flow, its server or server_ips have changed.
  void know(const AccountState& account);
  void learn_server(AccountState& account, const IpAddress& ip, Time now);
  void learn_servers(AccountState& account, const std::vector<Target>& targets, Time now);
  void forget(const AccountState& account);
  // ... and when a dialog is new or its remote target has changed.
  void know_dialog(const std::shared_ptr<Dialog>& dialog, const AccountState* account, Time now);
  void know_peer(Dialog& dialog, const Located& located);
  [[nodiscard]] std::shared_ptr<const Dialog> dialog_of(const Message& request) const;
  [[nodiscard]] bool awaits_notify(const Message& request) const;

  StackSettings settings;
  std::string recv_info;  // the value of Recv-Info
  Random& random;
  LogSink& log;
  StackTimers timers;  // before all that owns a Timer
  SourceGuard guard;
  AccountIndex account_index;
  TransactionLayer transactions;
  UnavailableServers unavailable;
  std::deque<std::pair<OutgoingPtr, Located>> located_requests;
  std::deque<std::pair<OutgoingPtr, Outcome>> settled_requests;
  std::deque<Event> events;
  IdSource<AccountId> account_ids;
  IdSource<SessionId> session_ids;
  IdSource<BranchId> branch_ids;
  IdSource<ServerRequestId> server_request_ids;
  IdSource<ClientRequestId> client_request_ids;
  std::map<AccountId, AccountPtr> accounts;  // in the order in which they were added
  std::unordered_map<ClientTransactionId, OutgoingPtr> clients;
  // INVITEs that nobody waits for any more, while their servers may still answer with a 2xx.
  std::unordered_map<ClientTransactionId, OutgoingPtr> abandoned;
  std::unordered_map<ServerRequestId, PendingServerRequest> server_requests;
  std::unordered_map<ClientRequestId, PendingClientRequest> client_requests;
  std::unordered_map<std::uint64_t, UnsentBye> unsent_byes;
  std::uint64_t last_unsent_bye = 0;
  std::unordered_map<SessionId, std::shared_ptr<InviteSession>> sessions;
  DialogUsages dialogs;
  std::unordered_map<ServerTransactionId, WaitingInvite> invites;  // unanswered ones, for CANCEL
  std::unordered_set<std::string> merge_keys;                      // theirs (§8.2.2.2)
  std::map<AccountId, std::shared_ptr<Registration>> registrations;
  std::map<FlowKey, std::set<AccountId>> flow_users;  // several lines at one server share a flow
  std::vector<IpAddress> own_addresses;
  std::vector<std::shared_ptr<InviteSession>> finished;  // freed when the stack is at rest
  std::string allow;                                     // the value of Allow (RFC 3261 §20.5)
  std::string allow_events;                              // the packages of the settings (RFC 6665 §8.2.2)
  // Last: what they hold leaves the timers and dialogs above as it goes.
  std::unique_ptr<Subscriptions> subscriptions;
  std::unique_ptr<Publications> publications;
};

void add_headers(Message& message, const std::vector<ExtraHeader>& headers);

}  // namespace sidetone::sip
