// The SIP core as its users see it: accounts, registrations, INVITE sessions and other requests, for a user
// agent and for a back-to-back user agent alike. Sans-IO: inputs carry the time, outputs are polled until
// dry. Session descriptions are opaque text here.
//
//   stack.handle_datagram(socket, from, bytes, now);
//   while (auto io = stack.poll_io()) driver.carry_out(*io);
//   while (auto event = stack.poll_event()) user.handle(*event, now);   // and poll again after commands
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "base/secret.h"
#include "base/time.h"
#include "sip/auth/digest.h"
#include "sip/guard/guard_settings.h"
#include "sip/message/message.h"
#include "sip/transaction/transaction_layer.h"
#include "sip/transport/seen_address.h"

namespace sidetone::sip {

using AccountId = StrongId<struct AccountTag>;
using SessionId = StrongId<struct InviteSessionTag>;  // one INVITE and what grows from it
using BranchId = StrongId<struct BranchTag>;          // one early dialog of a session (RFC 3261 §12, forking)
using ServerRequestId = StrongId<struct ServerRequestTag>;
using ClientRequestId = StrongId<struct ClientRequestTag>;

struct StackSettings {
  TransportSettings transport;
  TimerSettings timers;
  std::string user_agent = "Sidetone";
  bool server_role = false;  // lab: no account needed, any request comes up, User-Agent becomes Server
  std::size_t sessions_max = 10000;
  // When a flow is lost or the network changes, lines register again within this: a server that returns must
  // not be met by all its phones at once.
  Duration recovery_spread = std::chrono::seconds(4);
  GuardSettings guard;  // whose requests are listened to
};

// One identity. Without `server` (server role) requests go where their URI says.
struct Account {
  std::string uri;  // AOR: "sip:7001@lab.example"
  std::string display_name;
  std::string contact_user;  // user part of Contact; empty: that of uri
  Credentials credentials;
  std::optional<NextHop> server;  // registrar and outbound proxy
  // Registration (RFC 3261 §10): refreshed at about 2/3... see registration/; 0: none.
  std::chrono::seconds register_expires{0};
  // After a failure a new cycle starts after this; 0: stays failed until told (reg_interval).
  std::chrono::seconds register_retry{0};
  std::string instance_urn;  // +sip.instance when not empty (RFC 5626)
  // Behind a NAT, Contact names the address that the registrar saw (reg_match_received_rport).
  bool contact_as_seen = false;
  // Registers its flow (RFC 5626, reg-id 1): needs instance_urn and a registrar that speaks it.
  bool outbound = false;
  // Answers challenges, and adds credentials, in dialogs that the peer started: off, because whoever calls
  // and answers our BYE with 407 collects digests to guess passwords from. For servers that challenge there.
  bool authenticate_in_incoming_dialogs = false;
};

struct ExtraHeader {
  std::string name, value;
};

struct Invite {
  AccountId account;
  std::string target;  // request URI
  std::string sdp;     // empty: delayed offer
  std::vector<ExtraHeader> headers;
  // B2BUA: another From than the account's, another To than the target, another hop than its server.
  std::string from_uri, from_display, to_uri;
  std::optional<NextHop> next_hop;
  // The callee shall not learn who calls (RFC 3323, RFC 3325): anonymous From, Privacy: id, and for the
  // line's server alone P-Preferred-Identity.
  bool anonymous = false;
};

struct Provisional {
  int status = 180;
  std::string reason;
  std::string sdp;        // early answer
  bool reliable = false;  // PRACK when the caller supports 100rel (RFC 3262), else plain
  std::vector<ExtraHeader> headers;
};

struct Response {
  int status = 200;
  std::string reason;  // empty: the usual phrase
  std::vector<ExtraHeader> headers;
  std::string body, content_type;
};

struct OutgoingRequest {  // out of dialog
  AccountId account;
  Method method = Method::options;
  std::string target;
  std::vector<ExtraHeader> headers;
  std::string body, content_type;
  std::string from_uri, from_display;
  std::optional<NextHop> next_hop;
};

// --- events

enum class RegistrationState { registering, registered, failed, unregistering, unregistered };

struct RegistrationChanged {
  AccountId account;
  RegistrationState state;
  int status = 0;  // of the last response; 0: none (timeout, transport)
  std::string text;
  std::chrono::seconds expires{0};
  std::optional<Duration> retry_in;
};
// The registrar saw us at another address than the one that we sent from: another own one (the driver moves
// the line there, move_account()), or one that a NAT made. Told once per registration, not for the one that
// corrects it.
struct AddressSeen {
  AccountId account;
  Address address;
  SeenAs as = SeenAs::translated;
};
using MessagePtr = std::shared_ptr<const Message>;

struct IncomingInvite {  // 100 was sent already
  SessionId session;
  AccountId account;
  MessagePtr request;
  std::string sdp;  // empty: the caller wants our offer in the 200
  Flow flow;
  bool from_server =
      false;  // of the line: what it asserts (caller_of() in message/identity.h) can be believed
};
struct ProvisionalReceived {
  SessionId session;
  BranchId branch;  // none for 100 and for 1xx without To tag
  int status;
  std::string reason;
  std::string sdp;
  bool reliable;  // was PRACKed
  MessagePtr response;
};
// 2xx to our INVITE. With `needs_ack` the sdp is an offer and ack() must carry the answer; else ACK was sent.
struct Accepted {
  SessionId session;
  BranchId branch;
  std::string sdp;
  bool needs_ack = false;
  MessagePtr response;
};
struct Confirmed {
  SessionId session;
  std::string sdp;
};  // ACK to our 2xx; sdp: answer to the offer in it
struct OfferReceived {  // re-INVITE or UPDATE; sdp empty: it wants our offer
  SessionId session;
  std::string sdp;
  MessagePtr request;
};
// The ACK to our 200 of a re-INVITE. `sdp`: the answer when that 200 held our offer.
struct OfferConfirmed {
  SessionId session;
  std::string sdp;
};
struct OfferAnswered {
  SessionId session;
  std::string sdp;
  bool needs_ack = false;
};  // 2xx to our re-INVITE
struct OfferFailed {
  SessionId session;
  int status;
  std::string text;
};  // the dialog goes on
// Both sides re-INVITEd at once (491). The retry is due by RFC 3261 §14.1's two bands: make a *fresh* offer.
struct OfferGlare {
  SessionId session;
  Duration retry_in;
};
struct OfferRetryDue {
  SessionId session;
};
enum class EndCause {
  bye_received,
  bye_sent,
  cancelled_by_peer,
  cancelled,
  rejected,
  refused,
  timeout,
  transport,
  no_ack,
  dialog_gone
};
struct SessionEnded {  // the last event of a session; its dialogs, transactions and timers end by themselves
  SessionId session;
  EndCause cause;
  int status = 0;  // refused: the response's; a Reason header's cause otherwise
  std::string text;
  MessagePtr message;  // BYE, CANCEL or the final response; may be null
};
struct IncomingRequest {  // anything else: in a dialog when session is set. OPTIONS is answered by the stack.
  ServerRequestId id;
  AccountId account;
  SessionId session;
  MessagePtr request;
  Flow flow;
};
struct RequestFinished {  // final response to request(); status 408/503 made up for timeout/transport
  ClientRequestId id;
  SessionId session;
  int status;
  MessagePtr response;  // null when made up
};
using Event = std::variant<RegistrationChanged, AddressSeen, IncomingInvite, ProvisionalReceived, Accepted,
                           Confirmed, OfferReceived, OfferConfirmed, OfferAnswered, OfferFailed, OfferGlare,
                           OfferRetryDue, SessionEnded, IncomingRequest, RequestFinished>;

class Stack {
 public:
  Stack(StackSettings settings, Random& random, LogSink& log);
  ~Stack();

  // Sockets, connections and resolver answers: feed the transport, then call run().
  [[nodiscard]] TransportLayer& transport();
  void run(Time now);  // moves what came in up through the layers
  void on_time(Time now);
  [[nodiscard]] std::optional<Deadline> deadline() const;
  std::optional<IoOutput> poll_io();
  std::optional<Event> poll_event();

  // --- accounts and registration
  AccountId add_account(Account account, Time now);  // registers when register_expires > 0
  void remove_account(AccountId account, Time now);  // unregisters when registered
  void unregister(AccountId account, Time now);
  void register_now(AccountId account, Time now);  // at once, whatever timers run (network came back)
  [[nodiscard]] const Account* account(AccountId account) const;
  // The line sends from this UDP socket from now on (null: TCP and TLS lines), and registers anew after a
  // moment, with a new Call-ID; its calls go on from there, and their next offer tells the peers.
  void move_account(AccountId account, SocketId socket, Time now);

  // --- the network under us
  // The machine's own addresses, at the start and after each change. A change ends connections from addresses
  // that are gone, and has all lines register again, spread over StackSettings::recovery_spread.
  void set_addresses(std::vector<IpAddress> addresses);
  void on_network_change(std::vector<IpAddress> addresses, Time now);
  // The machine slept for so long, while `now` stood still or jumped: lines register again, and connections
  // that have been silent too long to be believed in are closed. Before a sleep there is nothing to do.
  void on_resume(Duration slept, Time now);

  // --- sessions, as caller
  Expected<SessionId> invite(Invite invite, Time now);
  Expected<void> ack(SessionId session, std::string sdp,
                     Time now);  // after Accepted/OfferAnswered with needs_ack

  // --- sessions, as callee
  Expected<void> provisional(SessionId session, Provisional response, Time now);
  Expected<void> accept(SessionId session, std::string sdp, std::vector<ExtraHeader> headers, Time now);
  Expected<void> reject(SessionId session, Response response, Time now);

  // --- sessions, established
  // Re-INVITE; empty sdp asks the peer for its offer. One at a time: Fault::state while one is running.
  Expected<void> offer(SessionId session, std::string sdp, Time now);
  Expected<void> answer_offer(SessionId session, std::string sdp, Time now);    // 200 to OfferReceived
  Expected<void> refuse_offer(SessionId session, Response response, Time now);  // 488, 491, 500 ...
  // CANCEL, BYE or final error, whatever the state asks for (a 200 that crosses a CANCEL gets ACK and BYE).
  // SessionEnded follows.
  Expected<void> end(SessionId session, std::vector<ExtraHeader> headers, Time now);

  // --- other requests
  Expected<ClientRequestId> request(SessionId session, Method method, std::vector<ExtraHeader> headers,
                                    std::string body, std::string content_type, Time now);
  Expected<ClientRequestId> request(OutgoingRequest request, Time now);
  Expected<void> respond(ServerRequestId id, Response response, Time now);

  // --- facts
  struct DialogFacts {
    std::string call_id, local_tag, remote_tag, remote_uri, remote_target, local_uri;
    bool confirmed = false;
    Flow flow;
  };
  [[nodiscard]] std::optional<DialogFacts> dialog(SessionId session) const;
  struct Counters {
    std::size_t sessions = 0, dialogs = 0, clients = 0, servers = 0, timers = 0, connections = 0,
                requests = 0;
    std::uint64_t malformed = 0, messages_in = 0, messages_out = 0, retransmissions = 0;
    GuardCounters refused;
  };
  [[nodiscard]] Counters counters() const;
  [[nodiscard]] std::vector<std::pair<std::string_view, std::uint64_t>> transitions() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace sidetone::sip
